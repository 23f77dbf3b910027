import type { Clock } from '../clock';
import { createRecent, createRecentSet } from '../recent';
import { personIdOrNull } from '../identity';
import { fingerprint } from '../payload/fingerprint';
import { MAX_TEXT } from '../payload/parse';
import type { Action, SessionBatch } from '../payload/types';
import { shorten } from '../text/visible';
import { text } from '../values';
import { describe, IDENTIFYING, STANDARD } from './describe';
import type { PosthogSkip } from './events';
import { pageName } from './pages';
import { whoIn, type Who } from './people';
import { settled, type Click } from './signals';
import type { PosthogEvent, PosthogProject, WantedEvents } from './types';

export interface TranslatorOptions {
  events: WantedEvents;
  /** The project that an event comes from; its number is the id of the product. Undefined if it is not known. */
  project(event: PosthogEvent): Pick<PosthogProject, 'id' | 'url'> | undefined;
  clock: Pick<Clock, 'now'>;
  /** Whether to read each event once, by its `uuid`. Default true. */
  skipsRepeated?: boolean;
  /** Called the first time that something is skipped for a reason; for logs. */
  onFirstSkip?(reason: PosthogSkip): void;
}

/** Turns PostHog's events into the batches that a connector of Autoplay would send. */
export interface Translator {
  /**
   * The batches that an event makes: one with its action, one that only says who a visitor is, or none. An identification
   * makes one for each session that the visitor had before.
   */
  read(event: PosthogEvent): SessionBatch[];
  /**
   * An item that is about to go out, with its actions in the order of time. Clicks that a signal tells are left out.
   * Undefined if nothing is left.
   */
  settle<T extends SessionBatch>(item: T): T | undefined;
  /** How many events were skipped, by reason. */
  skipped(): Partial<Record<PosthogSkip, number>>;
}

/** Sessions and visitors of whom something is known. */
const MOST_SESSIONS = 20_000;
/** Ids of events, for telling repetitions: between so many and twice as many. */
const MOST_EVENTS = 50_000;
const MOST_PAGES = 50;
/** Pages whose names are kept, and what such a page is known by at most, in characters. */
const MOST_NAMES = 1_000;
const LONGEST_KEY = 400;
const MOST_CLICKS = 40;
const SESSIONS_OF_VISITOR = 5;

interface Session {
  /** Titles by path, of each tab; made with the first. */
  titles?: Map<string, string>;
  clicks: Click[];
}

export function createTranslator(options: TranslatorOptions): Translator {
  const { events, project, clock, skipsRepeated = true, onFirstSkip } = options;
  const custom = new Map(events.custom.map((one) => [one.name, one]));
  const counts: Partial<Record<PosthogSkip, number>> = {};
  const sessionOf = createRecent<Session>(MOST_SESSIONS, () => ({ clicks: [] }));
  const sessionsOf = createRecent<Set<string>>(MOST_SESSIONS, () => new Set());
  const isKnown = createRecentSet(MOST_EVENTS);
  const knownName = createRecent(MOST_NAMES, nameByKey);

  function skip(reason: PosthogSkip): SessionBatch[] {
    if (!counts[reason]) onFirstSkip?.(reason);
    counts[reason] = (counts[reason] ?? 0) + 1;
    return [];
  }

  const isOwn = (name: string) => custom.has(name) || (events.all && !name.startsWith('$'));

  /** A batch with an action, or one that only says who the visitor is, which an empty list of summaries stands for. */
  function batchOf(
    event: PosthogEvent,
    { user_id, email }: Who,
    session_id: string,
    at: number,
    action?: Action,
  ): SessionBatch {
    const { id = '', url } = project(event) ?? {};
    const batch: SessionBatch = {
      type: 'actions',
      product_id: id,
      session_id,
      user_id,
      email,
      conversation_id: null,
      actions: action ? [action] : [],
      count: action ? 1 : 0,
      forwarded_at: at / 1_000,
    };
    if (!action) batch.summaries = [];
    if (url) batch.project_url = url;
    return batch;
  }

  /** The batch of a visitor who signed in, for this session and for those that they had before. */
  function signedIn(batch: SessionBatch, { anonymousId }: Who): SessionBatch[] {
    if (!anonymousId) return [batch];
    const sessions = sessionsOf(anonymousId);
    sessions.delete(batch.session_id);
    const others = [...sessions].map((session_id) => ({ ...batch, session_id }));
    sessions.clear();
    return [batch, ...others];
  }

  function remember(session_id: string, who: Who): void {
    if (!who.anonymousId) return;
    const sessions = sessionsOf(who.anonymousId);
    sessions.delete(session_id);
    sessions.add(session_id);
    // The oldest comes first.
    if (sessions.size > SESSIONS_OF_VISITOR) sessions.delete([...sessions][0]!);
  }

  function actionOf(event: PosthogEvent, session: Session, at: number): Action | undefined {
    const { properties } = event;
    const url = text(properties.$current_url);
    const { host = '', pathname = '', origin = '' } = URL.parse(url) ?? {};
    const path = text(properties.$pathname) || pathname;
    const title = titleOf(event, session, path);
    // Texts hold no null bytes.
    const key = `${title}\0${path}\0${text(properties.$host) || host}`;
    const page = key.length <= LONGEST_KEY ? knownName(key) : nameByKey(key);
    const described = describe(event, page, custom);
    if (!described) return undefined;
    const action: Action = {
      index: 0,
      type: described.type,
      title: bounded(described.title ?? title),
      description: bounded(described.said),
      timestamp_start: at / 1_000,
      timestamp_end: at / 1_000,
      raw_url: bounded(url),
      canonical_url: bounded(origin && origin !== 'null' ? origin + pathname : path),
      action_id: event.uuid || fingerprint(JSON.stringify([event.event, at, described.said])),
      ...(described.signal && { signal: described.signal }),
    };
    if (described.target !== undefined) {
      const click: Click = {
        id: action.action_id,
        target: described.target,
        at,
        signal: described.signal,
        told: false,
        followUp: described.followUp ?? '',
      };
      // Pushing into an empty array would reserve room for sixteen more, and there are many sessions.
      if (session.clicks.length === 0) session.clicks = [click];
      else session.clicks.push(click);
      if (session.clicks.length > MOST_CLICKS) session.clicks.shift();
    }
    return action;
  }

  return {
    read(event) {
      const { properties } = event;
      if (!STANDARD.has(event.event) && !IDENTIFYING.includes(event.event) && !isOwn(event.event)) {
        return skip('not_chosen');
      }
      if (properties.$virt_is_bot === true || properties.$browser_type === 'bot') {
        return skip('bot');
      }
      // Servers send most events without one. They must not become a session that is newer than the visitor's own.
      const session_id = personIdOrNull(properties.$session_id);
      if (session_id === null) return skip('no_session');
      if (event.uuid && skipsRepeated) {
        if (isKnown(event.uuid)) return skip('repeated');
      }
      const who = whoIn(event);
      const now = clock.now();
      const at = Math.min(event.at ?? now, now);
      if (event.event === '$identify') return signedIn(batchOf(event, who, session_id, at), who);
      remember(session_id, who);
      if (IDENTIFYING.includes(event.event)) {
        return who.user_id || who.email ? [batchOf(event, who, session_id, at)] : [];
      }
      const action = actionOf(event, sessionOf(session_id), at);
      return action ? [batchOf(event, who, session_id, at, action)] : skip('repeated');
    },
    settle(item) {
      // Only clicks are told by others.
      if (item.actions.length === 1 && item.actions[0]!.type !== 'click') return item;
      const { clicks } = sessionOf(item.session_id);
      if (item.actions.length === 1 && clicks.length <= 1) {
        // Most items: there is nothing to compare.
        const [click] = clicks;
        if (click?.id === item.actions[0]!.action_id) click.told = true;
        return item;
      }
      // One event without a uuid that comes twice makes the same action twice.
      const once = new Map(item.actions.map((action) => [action.action_id, action]));
      const actions = settled([...once.values()], clicks);
      const isNothing = actions.length === 0 && item.count > 0 && !item.user_id && !item.email;
      if (isNothing) return undefined;
      const says = actions.length > 0 ? {} : { summaries: [] };
      return { ...item, actions, count: actions.length, ...says };
    },
    skipped: () => ({ ...counts }),
  };
}

/** The name of a page by title, path and host, with null bytes between them. */
function nameByKey(key: string): string {
  const [title = '', path = '', host = ''] = key.split('\0');
  return pageName(title, path, host);
}

/** A text as a node would read it from an item: no longer. */
const bounded = (said: string) => shorten(said, MAX_TEXT);

/** The title of the page on which an event happened. Only page views have it, so it is remembered. */
function titleOf({ event, properties }: PosthogEvent, session: Session, path: string): string {
  const { titles } = session;
  const key = `${text(properties.$window_id)}\0${path}`;
  if (event !== '$pageview') return titles?.get(key) ?? titles?.get(`\0${path}`) ?? '';
  const title = text(properties.title);
  if (title === '') return titles?.get(key) ?? '';
  const kept = titles && titles.size < MOST_PAGES ? titles : new Map<string, string>();
  kept.set(key, title);
  kept.set(`\0${path}`, title);
  session.titles = kept;
  return title;
}
