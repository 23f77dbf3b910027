import { hash } from 'node:crypto';
import { OutcomeUnknownError, ServiceError } from '../http/errors';
import { constantTimeEqual } from '../http/signature';
import { isObject, list } from '../values';
import type { PosthogApi } from './api';
import { SECRET_HEADER } from './delivery';
import { STATE, type HogFunction } from './hogFunction';

/** Only a destination that says this of itself, and posts to our URL, is ours. All others belong to people. */
const MARK = 'n8n-nodes-autoplay';
const DESCRIPTION = `Made by n8n (${MARK}) when a workflow was published. n8n removes it when the workflow is unpublished.`;
const TEMPLATE = 'template-webhook';

/** The destination that a trigger needs. */
export interface WantedDestination {
  /** The trigger's webhook. */
  url: string;
  /** Its name in PostHog. */
  name: string;
  /** The names of the events to send. Without any, every event. */
  events: readonly string[];
  /** `whsec_…` */
  signingSecret: string;
}

/** What the trigger keeps of its destination between calls. Everything may be missing. */
export interface KnownDestination {
  functionId?: string | undefined;
  /** The destination that was removed last: it comes back with what people added to it. */
  removedId?: string | undefined;
  /** The value of {@link SECRET_HEADER}, where PostHog does not sign. */
  headerSecret?: string | undefined;
  /** Shows which secret PostHog was given, see {@link secretMark}: PostHog never shows it. */
  signedWith?: string | undefined;
}

/** What the trigger has to keep. */
export interface Registered extends KnownDestination {
  functionId: string;
  signedWith: string;
}

export interface Destinations {
  /** Our destination for this URL; undefined if there is none. */
  find(url: string, known: KnownDestination): Promise<HogFunction | undefined>;
  /** Finds our destination for the URL, or makes it, and brings it up to date. It is enabled afterwards. */
  register(wanted: WantedDestination, known: KnownDestination): Promise<Registered>;
  /** Removes our destination for this URL; returns its id, or undefined if there is none. */
  remove(url: string, known: KnownDestination): Promise<string | undefined>;
}

/**
 * Destinations of PostHog that post to this n8n. All methods throw as {@link PosthogApi}.
 * @param newSecret makes a value for {@link SECRET_HEADER}, without braces, because PostHog fills those in
 */
export function createDestinations(api: PosthogApi, newSecret: () => string): Destinations {
  async function find(url: string, { functionId }: KnownDestination) {
    const known = functionId ? await api.getFunction(functionId) : undefined;
    if (known && isOurs(known, url)) return known;
    const marked = (await api.listDestinations()).filter(({ description }) =>
      isMarked(description),
    );
    // A copy that a person made of ours is theirs, and younger.
    marked.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    for (const { id } of marked) {
      const one = await api.getFunction(id);
      if (one && isOurs(one, url)) return one;
    }
    return undefined;
  }

  /** Our removed destination, back but not enabled; undefined if it is gone, or was for another URL. */
  async function revive(url: string, id: string): Promise<HogFunction | undefined> {
    const revived = await api
      .changeFunction(id, { deleted: false, enabled: false })
      .catch((error: unknown) => {
        if (error instanceof ServiceError && error.status === 404) return undefined;
        throw error;
      });
    if (!revived || isOurs(revived, url)) return revived;
    await api.changeFunction(id, { deleted: true });
    return undefined;
  }

  async function create(wanted: WantedDestination): Promise<HogFunction> {
    const body = {
      type: 'destination',
      template_id: TEMPLATE,
      name: wanted.name,
      description: DESCRIPTION,
      enabled: true,
      inputs: inputsOf(wanted),
      filters: filtersOf(wanted.events),
    };
    return await api.createFunction(body).catch(async (error: unknown) => {
      if (!(error instanceof OutcomeUnknownError)) throw error;
      // Making another one would have every event delivered twice.
      const landed = await find(wanted.url, {}).catch(() => undefined);
      if (landed) return landed;
      throw error;
    });
  }

  return {
    find,
    async register(wanted, known) {
      const { removedId } = known;
      const found =
        (await find(wanted.url, known)) ??
        (removedId ? await revive(wanted.url, removedId) : undefined);
      const made = found ?? (await create(wanted));
      const headerSecret = known.headerSecret ?? newSecret();
      const changes = found ? changesOf(found, wanted, { ...known, headerSecret }) : undefined;
      let last = changes ? await api.changeFunction(made.id, changes) : made;
      // Without signature and header, its deliveries would prove nothing.
      if (!last.signs && !hasHeader(last, headerSecret)) {
        const inputs = { ...last.inputs, ...inputsOf(wanted, headerSecret) };
        last = await api.changeFunction(made.id, { inputs });
      }
      const signedWith = secretMark(wanted.signingSecret);
      return { functionId: made.id, signedWith, ...(!last.signs && { headerSecret }) };
    },
    async remove(url, known) {
      const found = await find(url, known);
      if (found) await api.changeFunction(found.id, { deleted: true });
      return found?.id;
    },
  };
}

/** Whether our destination needs no change. */
export function isUpToDate(
  found: HogFunction,
  wanted: WantedDestination,
  known: KnownDestination,
): boolean {
  return changesOf(found, wanted, known) === undefined;
}

/** A value that shows whether two secrets are the same, and neither of them. */
export function secretMark(secret: string): string {
  return hash('sha256', secret, 'base64url').slice(0, 22);
}

function isMarked(description: string): boolean {
  return description.includes(MARK);
}

function isOurs({ description, url }: HogFunction, wantedUrl: string): boolean {
  return isMarked(description) && url === wantedUrl;
}

/** What has to be changed in our destination; undefined if nothing has to. What people added to its filters stays. */
function changesOf(
  found: HogFunction,
  wanted: WantedDestination,
  known: KnownDestination,
): Record<string, unknown> | undefined {
  const isOn = found.enabled && found.state !== STATE.disabled;
  const sendsSame = haveSame(found.events, wanted.events);
  const changes = {
    // PostHog's watch lets a function try again when it is enabled.
    ...(!isOn && { enabled: true }),
    ...(!sendsSame && { filters: { ...found.filters, ...filtersOf(wanted.events, found) } }),
    ...(!provesItself(found, wanted, known) && {
      inputs: {
        ...found.inputs,
        ...inputsOf(wanted, found.signs ? undefined : known.headerSecret),
      },
    }),
  };
  return Object.keys(changes).length > 0 ? changes : undefined;
}

function provesItself(
  found: HogFunction,
  { signingSecret }: WantedDestination,
  { headerSecret, signedWith }: KnownDestination,
): boolean {
  if (found.signs) return signedWith === secretMark(signingSecret);
  return headerSecret !== undefined && hasHeader(found, headerSecret);
}

function hasHeader({ headers }: HogFunction, secret: string): boolean {
  return constantTimeEqual(headers[SECRET_HEADER.toLowerCase()] ?? '', secret);
}

function haveSame(sent: HogFunction['events'], wanted: readonly string[]): boolean {
  const all = wanted.length > 0 ? wanted : [null];
  // Without a list, PostHog sends every event.
  const given = new Set<string | null>(sent.length > 0 ? sent : [null]);
  return given.size === new Set(all).size && all.every((one) => given.has(one));
}

function inputsOf({ url, signingSecret }: WantedDestination, headerSecret?: string) {
  return {
    url: { value: url },
    method: { value: 'POST' },
    headers: {
      value: {
        'Content-Type': 'application/json',
        ...(headerSecret !== undefined && { [SECRET_HEADER]: headerSecret }),
      },
    },
    body: { value: { event: '{event}', person: '{person}' } },
    signing_secret: { value: signingSecret },
  };
}

/** The filters for these events. An event that was there already keeps the conditions that people gave it. */
function filtersOf(events: readonly string[], found?: HogFunction) {
  const before = list(found?.filters.events).filter(isObject);
  const names = events.length > 0 ? [...new Set(events)] : [null];
  const entries = names.map((id, order) => {
    const kept = before.find((one) => (one.id ?? null) === id);
    return { ...kept, id, name: id ?? 'All events', type: 'events', order };
  });
  const shared = { source: 'events', filter_test_accounts: false, properties: [] };
  return found ? { events: entries } : { ...shared, events: entries };
}
