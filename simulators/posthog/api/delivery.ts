import { pushBounded } from '../../bounded';
import { statusOf } from '../../http/statusOf';
import { uuid } from '../../random';
import type { Backend, ProcessedEvent, Project } from '../types';
import { lets } from './filters';
import { STATE, type StoredFunction } from './functions';
import { signatureHeaders } from './signing';
import { filled } from './template';

/** One attempt at delivering. */
export interface Attempt {
  /** Epoch milliseconds at which it ended. */
  at: number;
  functionId: string;
  /** The uuid of the event. */
  uuid: string;
  event: string;
  url: string;
  /** The same over all attempts at one delivery; '' if it is not signed. */
  webhookId: string;
  attempt: number;
  /** 0 when there was no answer in time or at all. */
  status: number;
}

/** How deliveries went, since the start. */
export interface DeliveryCounts {
  delivered: number;
  /** Given up after the last attempt, or never sent. */
  lost: number;
  /** Under way, or waiting to be tried again. */
  pending: number;
}

export interface Deliveries {
  /** The newest attempts, oldest first. */
  readonly attempts: readonly Attempt[];
  counts(): DeliveryCounts;
  /** Delivers an event once more, as the same event may come again from an SDK that repeats itself. */
  repeat(event: ProcessedEvent, project: Project): void;
  /** Resolves once no attempt is under way; those that wait to be tried again do not count. */
  settled(): Promise<void>;
}

const PATIENCE_MS = 10_000;
const MOST_ATTEMPTS = 3;
const REPEATED = [0, 408, 429, 500, 502, 503, 504];
/** Deliveries are parallel, and so reach their target in any order. How far apart is assumed. */
const SPREAD_MS = 200;
const KEPT = 10_000;
/** PostHog counts in tokens by time and outcome. Assumed: so many deliveries that are lost, less those that are not. */
const DEGRADED_AFTER = 10;
const DISABLED_AFTER = 30;

interface Parts extends Pick<Backend, 'clock' | 'random' | 'siteUrl'> {
  functionsOf: (project: Project) => Iterable<StoredFunction>;
  spreadMs?: number | undefined;
  patienceMs?: number | undefined;
}

/** Posts events to the destinations that are enabled for them: three attempts each, then the event is lost. */
export function createDeliveries(parts: Parts) {
  const { clock, random, siteUrl, functionsOf } = parts;
  const { spreadMs = SPREAD_MS, patienceMs = PATIENCE_MS } = parts;
  const attempts: Attempt[] = [];
  const counts: DeliveryCounts = { delivered: 0, lost: 0, pending: 0 };
  const waiting = new Set<() => void>();
  const underWay = new Set<Promise<unknown>>();
  let stopped = false;

  const later = (ms: number, callback: () => void): void => {
    const cancel = clock.after(ms, () => {
      waiting.delete(cancel);
      callback();
    });
    waiting.add(cancel);
  };

  const end = (target: StoredFunction, outcome: 'delivered' | 'lost'): void => {
    counts[outcome] += 1;
    counts.pending -= 1;
    target.failures = Math.max(0, target.failures + (outcome === 'lost' ? 1 : -1));
    if (target.state >= STATE.forciblyDegraded) return;
    if (target.failures >= DISABLED_AFTER) target.state = STATE.disabled;
    else if (target.failures >= DEGRADED_AFTER) target.state = STATE.degraded;
    else if (outcome === 'delivered') target.state = STATE.healthy;
  };

  const post = async (
    target: StoredFunction,
    event: ProcessedEvent,
    project: Project,
    webhookId: string,
    attempt: number,
  ): Promise<void> => {
    const { inputs } = target;
    const globals = globalsOf(event, project, siteUrl());
    const url = String(filled(inputs.url?.value, globals));
    const body = JSON.stringify(filled(inputs.body?.value ?? {}, globals));
    const secret = inputs.signing_secret?.value;
    const isSigned = typeof secret === 'string';
    const signed = isSigned ? signatureHeaders(body, secret, webhookId, clock.now()) : {};
    if (!signed) return end(target, 'lost');
    const headers = {
      ...(filled(inputs.headers?.value ?? {}, globals) as Record<string, string>),
      ...signed,
    };
    const init = { method: String(inputs.method?.value ?? 'POST'), headers, body };
    const status = await statusOf(url, init, patienceMs, clock);
    const { uuid, event: name } = event;
    const told = { functionId: target.id, uuid, event: name, url, attempt, status };
    const at = clock.now();
    pushBounded(attempts, { at, ...told, webhookId: isSigned ? webhookId : '' }, KEPT);
    if (status >= 200 && status < 300) return end(target, 'delivered');
    if (stopped || attempt === MOST_ATTEMPTS || !REPEATED.includes(status)) {
      return end(target, 'lost');
    }
    later(1_000 * attempt + random() * 1_000, () =>
      track(post(target, event, project, webhookId, attempt + 1)),
    );
  };

  const track = (work: Promise<void>): void => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };

  const repeat = (event: ProcessedEvent, project: Project): void => {
    for (const target of functionsOf(project)) {
      const isOn = target.enabled && !target.deleted && !isDisabled(target);
      if (stopped || !isOn || !lets(target.filters, event)) continue;
      counts.pending += 1;
      const webhookId = uuid(random);
      later(random() * spreadMs, () => track(post(target, event, project, webhookId, 1)));
    }
  };

  const deliveries: Deliveries = {
    attempts,
    counts: () => ({ ...counts }),
    repeat,
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
  return {
    deliveries,
    stop(): void {
      stopped = true;
      waiting.forEach((cancel) => cancel());
      waiting.clear();
    },
  };
}

function isDisabled({ state }: StoredFunction): boolean {
  return state === STATE.disabled || state === STATE.forciblyDisabled;
}

/** What templates can fill in. The keys of event and person are in PostHog's order. */
function globalsOf(
  { person, ...event }: ProcessedEvent,
  project: Project,
  site: string,
): Record<string, unknown> {
  const page = `${site}/project/${project.id}`;
  const { uuid, distinct_id, properties, timestamp, elements_chain } = event;
  const url = `${page}/events/${uuid}/${encodeURIComponent(timestamp)}`;
  return {
    event: {
      ...{ uuid, event: event.event, distinct_id, properties, timestamp },
      ...{ elements_chain, url },
    },
    person: person && {
      id: person.id,
      name: nameOf(person.properties) ?? distinct_id,
      properties: person.properties,
      url: `${page}/person/${encodeURIComponent(distinct_id)}`,
    },
    project: { id: project.id, name: project.name, url: page },
  };
}

function nameOf({ email, name, username }: Record<string, unknown>): string | undefined {
  return [email, name, username].find(
    (one): one is string => typeof one === 'string' && one !== '',
  );
}
