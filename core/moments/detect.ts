import { createHash } from 'node:crypto';
import { pagesNamed } from '../payload/pages';
import { runsOf, type Run } from './runs';
import {
  HOLD_MS,
  IN_SECTION_MS,
  LOOKS,
  OF_PERSONS,
  sectionKey,
  sectionOf,
  spanOf,
  visited,
  type Found,
  type Seen,
} from './rules';
import type {
  Act,
  History,
  Moment,
  Once,
  Rule,
  RuleName,
  Thresholds,
  Visit,
  Window,
} from './types';

/** What is known of a session, in any order. */
export interface Session {
  product_id: string;
  session_id: string;
  isSignedIn: boolean;
  acts: readonly Act[];
  /** Whether the first action is the first of the session's person. */
  isComplete: boolean;
  /** When that person acted first, in milliseconds since the epoch; null if it is not known. */
  startedAt: number | null;
  history: History | null;
  learningSince: number | null;
  /** The {@link firedKey}s of moments that were kept before. */
  fired: readonly string[];
}

/** What came of looking at a session. */
export interface Detection {
  /** What fired by now and still matters, in the order of the rules. */
  moments: Moment[];
  /** When to look again although nobody acts, in milliseconds since the epoch; null for never. */
  dueAt: number | null;
  /** What is known of the person now; undefined if nothing is kept, or nothing changed. */
  history?: History | undefined;
}

/** A moment that time set off means little any more after this, in milliseconds; any other after the second. */
const TIMED_FRESH_MS = 30_000;
const FRESH_MS = 60_000;

/** Looks at sessions by some rules. */
export interface Detector {
  /** How far back it looks, in milliseconds. It needs the last action before, too, to know where a stay began. */
  windowMs: number;
  /** Whether it needs histories. */
  needsHistory: boolean;
  /** What a version names; undefined for one of other rules. */
  ruleOf(version: string): Pick<Moment, 'rule' | 'name'> | undefined;
  /** @param now in milliseconds since the epoch */
  detect(session: Session, now: number): Detection;
}

/**
 * Makes a detector. It keeps nothing: it sees a session's actions each time, whatever order they came in, and finds the same
 * moments again, which the memory keeps only once.
 */
export function createDetector(rules: readonly Rule[]): Detector {
  const looks = rules.map(lookOf);
  const named = new Map(rules.map((one) => [versionOf(one), { rule: one.rule, name: one.name }]));
  const kept = keptOf(rules);
  return {
    windowMs: Math.max(0, ...rules.map(spanOf)) + FRESH_MS + HOLD_MS,
    needsHistory: kept !== undefined,
    ruleOf: (version) => named.get(version),
    detect(session, now) {
      const runs = runsOf(session.acts, session.isComplete);
      const history = before(session.history, session.session_id);
      const visits = visitsBefore(session, runs);
      const { session_id, startedAt, learningSince } = session;
      const seen: Seen = { session_id, runs, startedAt, history, visits, learningSince };
      const all = looks.flatMap((look) => look(session, seen, now));
      const hasCome = ({ at }: Moment) => at + HOLD_MS <= now;
      const ahead = all.filter((one) => !hasCome(one)).map(({ at }) => at + HOLD_MS);
      return {
        moments: all.filter(hasCome),
        dueAt: ahead.length > 0 ? Math.min(...ahead) : null,
        ...(kept && { history: historyAfter(session, runs, kept, now) }),
      };
    },
  };
}

/** A rule with its scope and its version. Of each window the first time counts that has not passed unseen. */
function lookOf(rule: Rule): (session: Session, seen: Seen, now: number) => Moment[] {
  const { name, scope, once, ...thresholds } = rule;
  const rule_version = versionOf(rule);
  const isOnPages = scope.pages.length === 0 ? () => true : pagesNamed(scope.pages);
  const make = LOOKS[rule.rule] as (given: Thresholds[RuleName]) => (seen: Seen) => Found[];
  const look = make(thresholds);
  const isMeant = ({ product_id, isSignedIn }: Session) =>
    (scope.products.length === 0 || scope.products.includes(product_id)) &&
    (scope.audience === 'everyone' || (scope.audience === 'signed_in') === isSignedIn);
  return (session, seen, now) => {
    if (!isMeant(session)) return [];
    const windows = new Set(session.fired);
    return look(seen)
      .filter((found) => isOnPages(found.about ?? found.page) && isFresh(found, now))
      .toSorted((a, b) => a.at - b.at)
      .flatMap(({ isTimed: _, about, window, ...found }) => {
        const moment: Moment = {
          rule: rule.rule,
          name,
          rule_version,
          ...found,
          window: window ?? windowOf(once, about ?? found.page),
        };
        const key = firedKey(moment);
        if (windows.has(key)) return [];
        windows.add(key);
        return [moment];
      });
  };
}

function isFresh({ at, isTimed }: Found, now: number): boolean {
  return now - at - HOLD_MS <= (isTimed ? TIMED_FRESH_MS : FRESH_MS);
}

/** What of a moment may be kept only once, for one session or person. */
export function firedKey({ rule_version, window }: Moment): string {
  return `${rule_version} ${window.of} ${window.key}`;
}

function windowOf(once: Once, page: string): Window {
  return { of: 'session', key: once === 'page' ? page : '' };
}

/** Eight digits that change with anything that the rule looks for, and not with what it is called. */
function versionOf({ name: _, ...rule }: Rule): string {
  return createHash('sha256').update(JSON.stringify(rule)).digest('hex').slice(0, 8);
}

// ---------------------------------------------------------------------------------------------------------- histories

/** More of each is not kept of a person. The oldest go first. */
const MOST = { sections: 100, pages: 200, visits: 20 };

/** What the rules ask to know of persons. */
interface Kept {
  sections: string[];
  /** Whether visits to a page are counted. */
  counts(page: string): boolean;
}

function keptOf(rules: readonly Rule[]): Kept | undefined {
  if (!rules.some(({ rule }) => OF_PERSONS.has(rule))) return undefined;
  const counted = rules.flatMap((rule) => {
    if (rule.rule !== 'nth_visit') return [];
    return [rule.scope.pages.length === 0 ? () => true : pagesNamed(rule.scope.pages)];
  });
  return {
    sections: rules.flatMap((rule) =>
      rule.rule === 'first_in_section' ? rule.sections.map(sectionKey) : [],
    ),
    counts: (page) => counted.some((counts) => counts(page)),
  };
}

/** The history as it was before a session began, but for its visits; null if that is the person's first one. */
function before(history: History | null, session_id: string): History | null {
  if (history?.session_id !== session_id) return history;
  if (history.seen_before_at === null) return null;
  const isEarlier = ([, session]: Visit) => session !== session_id;
  const sections = Object.entries(history.sections).filter(([, visit]) => isEarlier(visit));
  return {
    ...history,
    last_seen_at: history.seen_before_at,
    sections: Object.fromEntries(sections),
  };
}

/**
 * The visits before the stays that are known: those of earlier sessions, and those of this one that have passed. Each
 * look counts the later ones again, because actions may arrive out of order.
 */
function visitsBefore(
  { history, session_id }: Session,
  [first]: readonly Run[],
): Record<string, readonly Visit[]> {
  const isBefore = ([at, session]: Visit) =>
    session !== session_id || !first || (first.isCut ? at <= first.from : at < first.from);
  const visits = Object.entries(history?.visits ?? {}).map(
    ([page, some]) => [page, some.filter(isBefore)] as const,
  );
  return Object.fromEntries(visits.filter(([, some]) => some.length > 0));
}

/** The history with what a session shows so far; undefined if that is known already. */
function historyAfter(
  session: Session,
  runs: readonly Run[],
  kept: Kept,
  now: number,
): History | undefined {
  const { history, session_id } = session;
  const last = runs.at(-1);
  if (!last) return undefined;
  const isKnown = history?.session_id === session_id;
  const sections = { ...history?.sections };
  const visits = visitsBefore(session, runs);
  const watched = { ...history?.watched };
  let isNew = !isKnown;
  for (const section of kept.sections) {
    if (watched[section] !== undefined) continue;
    // Of a stranger, everything is known.
    watched[section] = history ? now : runs[0]!.from;
    isNew = true;
  }
  for (const { page, from, to, isCut } of runs) {
    const section = sectionOf(page, kept.sections);
    const isStay = Math.min(to, now) - from >= IN_SECTION_MS;
    if (section !== undefined && isStay && sections[section] === undefined) {
      sections[section] = [from, session_id];
      isNew = true;
    }
    // One that began before what is known was counted then.
    if (isCut || !kept.counts(page)) continue;
    visits[page] = visited(visits[page] ?? [], from, session_id).slice(-MOST.visits);
  }
  isNew ||= timesIn(visits) !== timesIn(history?.visits ?? {});
  const seenAt = last.actions.at(-1)!.at;
  // Not with each action: when the person was seen matters by the day.
  if (!isNew && seenAt - history!.last_seen_at < SEEN_AGAIN_MS) return undefined;
  return {
    first_seen_at: history?.first_seen_at ?? runs[0]!.from,
    session_id,
    last_seen_at: seenAt,
    seen_before_at: isKnown ? history.seen_before_at : (history?.last_seen_at ?? null),
    sessions: (history?.sessions ?? 0) + (isKnown ? 0 : 1),
    sections: lastOf(sections, MOST.sections),
    watched: lastOf(watched, MOST.sections),
    visits: lastOf(visits, MOST.pages),
  };
}

const SEEN_AGAIN_MS = 10 * 60_000;

/** When there were visits, in any order of the pages. */
function timesIn(visits: Readonly<Record<string, readonly Visit[]>>): string {
  const pages = Object.entries(visits).map(([page, some]) => `${page} ${some.join()}`);
  return pages.toSorted().join('\n');
}

function lastOf<T>(entries: Record<string, T>, most: number): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).slice(-most));
}
