import type { Clock } from '../clock';
import { createRecent, createRecentPairs, createRecentSet } from '../recent';
import { personIdOrNull } from '../identity';
import { fingerprint } from '../payload/fingerprint';
import { MAX_TEXT } from '../payload/parse';
import type { Action, SessionBatch } from '../payload/types';
import { shorten } from '../text/visible';
import { numberOrNull, text } from '../values';
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
  /** The batches that an event makes: one with its action, one that only says who a visitor is, or none. */
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
/** Pages of sessions' tabs whose titles are kept, between so many and twice as many. */
const MOST_TITLES = 50_000;
/** Pages whose names are kept, and what such a page is known by at most, in characters. */
const MOST_NAMES = 1_000;
const LONGEST_KEY = 400;
/** Texts that are kept with a session, in characters. */
const LONGEST_KEPT = 150;
const LONGEST_WINDOW = 64;
const MOST_CLICKS = 40;

interface Session {
  /** Tells the session from others. */
  key: string;
  clicks: Click[];
  /** The user that the latest event has named, by the times of events. */
  named?: { user_id: string; at: number };
  /** The names that went out last. */
  told?: string;
  /** How far the visitor's clock is behind, in milliseconds, by events whose time PostHog has corrected. */
  behindMs?: number;
}

export function createTranslator(options: TranslatorOptions): Translator {
  const { events, project, clock, skipsRepeated = true, onFirstSkip } = options;
  const custom = new Map(events.custom.map((one) => [one.name, one]));
  const counts: Partial<Record<PosthogSkip, number>> = {};
  let sessions = 0;
  const sessionOf = createRecentPairs<Session>(MOST_SESSIONS, () => {
    return { key: String((sessions += 1)), clicks: [] };
  });
  const titles = createRecent(MOST_TITLES, () => ({ title: '' }));
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
      signed_in: true,
    };
    if (!action) batch.summaries = [];
    if (url) batch.project_url = url;
    return batch;
  }

  /**
   * Whether an event names another person than a later one in its session has named: it was delivered late. Names would
   * change back, and conversations with them.
   */
  function isOfFormer(session: Session, { user_id }: Who, at: number): boolean {
    const { named } = session;
    if (user_id === null) return false;
    if (named && at < named.at) return user_id !== named.user_id;
    session.named = { user_id, at };
    return false;
  }

  /** The title of the page on which an event happened. Only page views have it, so it is remembered, for each tab. */
  function titleOf({ event, properties }: PosthogEvent, session: Session, path: string): string {
    const tab = text(properties.$window_id).slice(0, LONGEST_WINDOW);
    const keyIn = (where: string) => `${session.key}\0${where}\0${kept(path)}`;
    const known = (where: string) => titles.kept(keyIn(where))?.title;
    if (event !== '$pageview') return known(tab) ?? known('') ?? '';
    const title = kept(text(properties.title));
    if (title === '') return known(tab) ?? '';
    for (const where of [tab, '']) titles(keyIn(where)).title = title;
    return title;
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
        followUp: kept(described.followUp ?? ''),
      };
      // An event that is read again, after a failure, is the same click.
      const clicks = [...session.clicks.filter(({ id }) => id !== click.id), click];
      // One that was delivered late is not followed by the signals of the others.
      const since = Math.max(...clicks.map((one) => one.at)) - NEAR_MS;
      session.clicks = clicks.filter((one) => one.at >= since).slice(-MOST_CLICKS);
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
      const session = sessionOf(project(event)?.id ?? '', session_id);
      const at = timeOf(event, session, clock.now());
      if (isOfFormer(session, who, at)) return skip('late');
      if (IDENTIFYING.includes(event.event)) {
        return who.user_id || who.email ? [batchOf(event, who, session_id, at)] : [];
      }
      const action = actionOf(event, session, at);
      return action ? [batchOf(event, who, session_id, at, action)] : skip('repeated');
    },
    settle(item) {
      const session = sessionOf(item.product_id, item.session_id);
      const { clicks } = session;
      const names = JSON.stringify([item.user_id, item.email]);
      const isNews = names !== (session.told ?? NOBODY);
      session.told = names;
      // Only clicks are told by others.
      const [action] = item.actions;
      if (item.actions.length === 1 && action && (action.type !== 'click' || clicks.length <= 1)) {
        const [click] = clicks;
        if (click?.id === action.action_id) click.told = true;
        return item;
      }
      // One event without a uuid that comes twice makes the same action twice.
      const once = new Map(item.actions.map((one) => [one.action_id, one]));
      const actions = settled([...once.values()], clicks);
      if (actions.length === 0 && item.count > 0 && !isNews) return undefined;
      const says = actions.length > 0 ? {} : { summaries: [] };
      return { ...item, actions, count: actions.length, ...says };
    },
    skipped: () => ({ ...counts }),
  };
}

const NOBODY = JSON.stringify([null, null]);

/** The latest that two clicks can be about the same. Longer ago, they only take up room. */
const NEAR_MS = 60_000;

/** A clock that is off by more than this is not corrected. */
const MOST_BEHIND_MS = 24 * 3_600_000;

/**
 * When an event happened, in milliseconds since the epoch; never in the future. A dead click has the time of the visitor's
 * clock, which PostHog corrects for other events: they show how far it is off.
 */
function timeOf({ event, at, properties }: PosthogEvent, session: Session, now: number): number {
  if (at === null) return now;
  const own = numberOrNull(properties.$time);
  if (event === '$dead_click') return Math.min(at + (session.behindMs ?? 0), now);
  if (own !== null) {
    const behind = at - own * 1_000;
    if (Math.abs(behind) <= MOST_BEHIND_MS) session.behindMs = behind;
  }
  return Math.min(at, now);
}

/** The name of a page by title, path and host, with null bytes between them. */
function nameByKey(key: string): string {
  const [title = '', path = '', host = ''] = key.split('\0');
  return pageName(title, path, host);
}

/** A text that is kept with its session: a short one of its own, because a part of a text keeps the whole in memory. */
function kept(said: string): string {
  return Buffer.from(shorten(said, LONGEST_KEPT)).toString();
}

/** A text as a node would read it from an item: no longer. */
const bounded = (said: string) => shorten(said, MAX_TEXT);
