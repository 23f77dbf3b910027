import { pagesNamed } from '../payload/pages';
import type { Action } from '../payload/types';
import { REDIRECT_MS, type Run } from './runs';
import type { History, PlacedAction, RuleName, Thresholds, Visit, Window } from './types';

// What each rule looks for. A rule returns every time at which it would fire, past and future, as if the visitor did nothing
// more. Whether it fires at a time depends only on what happened up to then, so the answer stays the same when more is
// known. `detect.ts` decides which of the times have come.

/** How long activity may take to arrive, in milliseconds: until then, what happened before may still become known. */
export const HOLD_MS = 2_000;
/** Silence is not presence: after this long without an action, in milliseconds, nobody is taken to be there. */
const PRESENT_MS = 5 * 60_000;
/** A shorter stay in a section is passing through, in milliseconds. */
export const IN_SECTION_MS = 5_000;
/** Two stays on a page are two visits if they are further apart, in milliseconds. */
const VISIT_MS = 30 * 60_000;

/** A time at which a rule fires. */
export interface Found {
  at: number;
  page: string;
  evidence: PlacedAction[];
  strength: number;
  /** What it may fire for once, where that is not the session or the page. */
  window?: Window;
  /** It was set off by time alone, so that it means nothing any more a little later. */
  isTimed?: true;
}

/** What rules know of a session. */
export interface Seen {
  session_id: string;
  runs: readonly Run[];
  /** As it was before this session; null if the person is not known from before. */
  history: History | null;
  /** Since when histories are kept, in milliseconds since the epoch; null if they are not. */
  learningSince: number | null;
}

type Look<Name extends RuleName> = (thresholds: Thresholds[Name], seen: Seen) => Found[];

const pingPong: Look<'ping_pong'> = ({ cycles, withinMs, longestStayMs }, { runs }) => {
  const length = 2 * cycles + 1;
  return ends(runs, length).flatMap((some) => {
    const [a, b] = [some[0]!.page, some[1]!.page];
    const alternates = some.every(({ page }, i) => page === (i % 2 === 0 ? a : b));
    if (!alternates || a === b || isDetail(a, b) || isDetail(b, a)) return [];
    const isQuick = some.slice(0, -1).every((run) => lengthOf(run) <= longestStayMs);
    const unbroken = some.slice(1).every(({ follows }) => follows);
    const last = some.at(-1)!;
    const tookMs = last.from - some[0]!.from;
    if (!isQuick || !unbroken || tookMs > withinMs) return [];
    const evidence = some.map(({ actions }) => actions[0]!);
    return entered(last, evidence, withinMs / Math.max(1, tookMs));
  });
};

const dwell: Look<'dwell'> = ({ afterMs, maxActions }, { runs }) =>
  runs.flatMap((run) => {
    if (run.isCut) return [];
    return after(run, run.from, afterMs).filter(({ at }) => countUpTo(run, at) <= maxActions);
  });

const idle: Look<'idle'> = ({ afterMs }, { runs }) =>
  runs.flatMap((run) =>
    run.actions.slice(1).flatMap((action, i) => {
      const next = run.actions[i + 2]?.at ?? Infinity;
      return after(run, action.at, afterMs).filter(({ at }) => at < next);
    }),
  );

const rageClick: Look<'rage_click'> = ({ clicks, gapMs, except }, { runs }) =>
  runs.flatMap((run) => {
    const reported = run.actions.filter(({ action }) => action.signal === 'rage_click');
    const quick = rows(run.actions, except, gapMs).flatMap((row) => row.slice(clicks - 1, clicks));
    const tooMany = (evidence: PlacedAction) => found(run, evidence.at, upTo(run, evidence.at));
    return [...reported, ...quick].map(tooMany);
  });

const repeatedClick: Look<'repeated_click'> = ({ clicks, withinMs, except }, { runs }) =>
  runs.flatMap((run) =>
    [...byTarget(run.actions.filter((one) => isClick(one) && !isExcept(one, except)))].flatMap(
      ([, same]) => within(run, same, clicks, withinMs),
    ),
  );

const deadClick: Look<'dead_click'> = ({ clicks }, { runs }) =>
  runs.flatMap((run) => {
    const dead = run.actions.filter(({ action }) => action.signal === 'dead_click');
    return within(run, dead, clicks, Infinity);
  });

const failures: Look<'failures'> = ({ failures: least, withinMs, words }, { runs }) => {
  const known = new Set<string>();
  const failed = runs.flatMap((run) => {
    const submitted = new Set<string>();
    return run.actions.flatMap((one) => {
      const { action } = one;
      // An error that a page reports again and again is one failure.
      const isNew = action.signal !== 'error' || !known.has(action.title + action.description);
      if (action.signal === 'error') known.add(action.title + action.description);
      const isAgain = action.type === 'submit' && submitted.has(targetOf(one));
      if (action.type === 'submit') submitted.add(targetOf(one));
      const isFailure =
        (action.signal === 'error' && isNew) ||
        action.signal === 'dead_click' ||
        isAgain ||
        says(action, words);
      return isFailure ? [{ run, one }] : [];
    });
  });
  return failed.flatMap(({ run, one }, i) => {
    const row = failed.slice(Math.max(0, i - least + 1), i + 1).map((failure) => failure.one);
    if (row.length < least || one.at - row[0]!.at > withinMs) return [];
    return [found(run, one.at, row)];
  });
};

const formLeft: Look<'form_left'> = ({ fields, afterMs, nextPages }, { runs }) => {
  const isNext = pagesNamed(nextPages);
  return runs.flatMap((run, i) => {
    const next = runs[i + 1];
    const filled = new Set<string>();
    let evidence: PlacedAction[] = [];
    let since: number | undefined;
    for (const one of run.actions) {
      if (isSubmit(one.action)) {
        filled.clear();
        evidence = [];
        since = undefined;
      } else if (one.action.type === 'type' || one.action.type === 'focus') {
        filled.add(one.action.title);
        evidence.push(one);
        if (filled.size >= fields) since ??= one.at;
      }
    }
    if (since === undefined) return [];
    const last = run.actions.at(-1)!;
    const quiet = after(run, last.at, afterMs).map((one) => ({
      ...one,
      evidence: latest(evidence),
    }));
    const leads = next && (isNext(next.page) || next.page.startsWith(`${run.page}/`));
    const left = next?.follows && !leads ? entered(next, evidence, filled.size / fields) : [];
    return [...quiet, ...left.map((one) => ({ ...one, page: run.page }))];
  });
};

const firstInSection: Look<'first_in_section'> = (
  { sections, learnMs },
  { runs, history, learningSince },
) => {
  if (!history || learningSince === null) return [];
  return runs.flatMap((run) => {
    const section = sectionOf(run.page, sections);
    if (section === undefined || history.sections[section] !== undefined) return [];
    const at = run.from + IN_SECTION_MS;
    if (at >= run.to || at < learningSince + learnMs) return [];
    const window: Window = { of: 'person', key: `section ${section}` };
    return [{ ...found(run, at, upTo(run, at)), window }];
  });
};

const returned: Look<'return'> = ({ afterMs }, { runs, history }) => {
  const [first, second] = runs;
  if (!history || !first || !second) return [];
  const awayMs = first.from - history.last_seen_at;
  return awayMs < afterMs ? [] : entered(second, [first.actions[0]!], awayMs / afterMs);
};

const nthVisit: Look<'nth_visit'> = ({ visits, withinMs }, { session_id, runs, history }) => {
  const known: Record<string, readonly Visit[]> = { ...history?.visits };
  return runs.flatMap((run) => {
    const before = known[run.page] ?? [];
    const now = visited(before, run.from, session_id);
    known[run.page] = now;
    if (now === before) return [];
    const counted = now.filter(([at]) => at > run.from - withinMs).length;
    if (counted < visits) return [];
    const window: Window = { of: 'person', key: `visit ${run.page}` };
    return entered(run, [run.actions[0]!], counted / visits).map((one) => ({ ...one, window }));
  });
};

const searchWithoutResult: Look<'search_without_result'> = (
  { searches, withinMs, words },
  { runs },
) => {
  const all = runs.flatMap((run) => run.actions.map((one) => ({ run, one })));
  const out: Found[] = [];
  let row: PlacedAction[] = [];
  for (const { run, one } of all) {
    if (says(one.action, words)) out.push(found(run, one.at, [...row, one]));
    if (isSearch(one.action)) {
      row = [...row, one].filter(({ at }) => one.at - at <= withinMs);
      if (row.length >= searches) out.push(found(run, one.at, row, row.length / searches));
    } else if (isClick(one)) row = [];
  }
  return out;
};

const stuckStep: Look<'stuck_step'> = ({ afterMs, goals }, { runs }) =>
  runs.flatMap((run) => {
    if (run.isCut) return [];
    return after(run, run.from, afterMs).filter(({ at, evidence }) => {
      const done = run.actions.some((one) => one.at <= at && says(one.action, goals));
      return evidence.length > 1 && !done;
    });
  });

/** The rules by their names. */
export const LOOKS: { [Name in RuleName]: Look<Name> } = {
  ping_pong: pingPong,
  dwell,
  idle,
  rage_click: rageClick,
  repeated_click: repeatedClick,
  dead_click: deadClick,
  failures,
  form_left: formLeft,
  first_in_section: firstInSection,
  return: returned,
  nth_visit: nthVisit,
  search_without_result: searchWithoutResult,
  stuck_step: stuckStep,
};

/** Rules that need what is known of the person from earlier sessions. */
export const OF_PERSONS: ReadonlySet<RuleName> = new Set([
  'first_in_section',
  'return',
  'nth_visit',
] satisfies RuleName[]);

// ------------------------------------------------------------------------------------------------------------ persons

/** The section that a page is in: the longest of the prefixes that fits. */
export function sectionOf(page: string, sections: readonly string[]): string | undefined {
  const fitting = sections
    .map((section) => withoutSlash(section.toLowerCase()))
    .filter((section) => page === section || section === '/' || page.startsWith(`${section}/`));
  return fitting.toSorted((a, b) => b.length - a.length)[0];
}

const withoutSlash = (path: string) =>
  path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;

/** The visits with another one; the same list if it belongs to the latest of them. */
export function visited(
  visits: readonly Visit[],
  at: number,
  session_id: string,
): readonly Visit[] {
  const last = visits.at(-1);
  // Of two visits in one session, another page lay between, or the runs would be one.
  const isSame = last && last[1] === session_id && at - last[0] < VISIT_MS;
  const isKnown = visits.some(([time]) => time === at);
  return isSame || isKnown ? visits : [...visits, [at, session_id]];
}

// ------------------------------------------------------------------------------------------------------ what they use

const MOST_EVIDENCE = 5;
const latest = (actions: readonly PlacedAction[]) => actions.slice(-MOST_EVIDENCE);

const lengthOf = ({ from, to }: Run) => to - from;
const upTo = (run: Run, at: number) => run.actions.filter((one) => one.at <= at);
const countUpTo = (run: Run, at: number) => upTo(run, at).length;

function found(run: Run, at: number, evidence: readonly PlacedAction[], strength = 1): Found {
  return { at, page: run.page, evidence: latest(evidence), strength: Math.max(1, strength) };
}

/** As soon as it is certain that the visitor stays on the page. */
function entered(run: Run, evidence: readonly PlacedAction[], strength: number): Found[] {
  const at = run.from + REDIRECT_MS;
  return at < run.to ? [found(run, at, evidence, strength)] : [];
}

/**
 * When time has passed since a moment of the run, if the visitor is still on the page and acted lately. What happened in
 * the last two seconds cannot be known by then, so those two count as if it were.
 */
function after(run: Run, since: number, ms: number): Found[] {
  const time = since + Math.max(0, ms - HOLD_MS);
  const gap = run.gaps.find(([from, to]) => from <= time && time < to);
  const at = gap ? gap[1] : time;
  if (at >= run.to) return [];
  const done = upTo(run, at);
  const last = done.at(-1);
  if (!last || at - last.at > PRESENT_MS) return [];
  return [{ ...found(run, at, done), isTimed: true }];
}

/** All rows of so many neighbours. */
function ends(runs: readonly Run[], length: number): Run[][] {
  return runs.slice(length - 1).map((_, i) => runs.slice(i, i + length));
}

/** Each time that enough of the actions lie close enough together. */
function within(run: Run, some: readonly PlacedAction[], least: number, withinMs: number): Found[] {
  return some.slice(least - 1).flatMap((one, i) => {
    const row = some.slice(i, i + least);
    return one.at - row[0]!.at <= withinMs ? [found(run, one.at, row)] : [];
  });
}

/** Rows of clicks on the same thing, each soon after the one before, with nothing between. */
function rows(
  actions: readonly PlacedAction[],
  except: readonly string[],
  gapMs: number,
): PlacedAction[][] {
  const out: PlacedAction[][] = [];
  let before: PlacedAction | undefined;
  for (const one of actions) {
    const row = out.at(-1);
    const isMeant = isClick(one) && !isExcept(one, except);
    const goesOn =
      isMeant && before && targetOf(before) === targetOf(one) && one.at - before.at <= gapMs;
    if (goesOn) row!.push(one);
    else if (isMeant) out.push([one]);
    before = isMeant ? one : undefined;
  }
  return out;
}

function byTarget(actions: readonly PlacedAction[]): Map<string, PlacedAction[]> {
  return Map.groupBy(actions, targetOf);
}

/** What an action was done to, as far as its words tell. */
const targetOf = ({ action }: PlacedAction) =>
  `${action.type} ${action.title || action.description}`;
const isClick = ({ action }: PlacedAction) => action.type === 'click';

function says({ title, description }: Action, words: readonly string[]): boolean {
  if (words.length === 0) return false;
  const said = `${title}\n${description}`.toLowerCase();
  return words.some((word) => word !== '' && said.includes(word));
}

const isExcept = ({ action }: PlacedAction, except: readonly string[]) => says(action, except);

/** Buttons that submit a form, for sources that report the click alone. */
const SUBMITS = [
  ...['submit', 'save', 'send', 'continue', 'next', 'confirm', 'sign up', 'sign in', 'log in'],
  ...['create', 'add', 'apply', 'done', 'finish', 'search', 'pay', 'order', 'book', 'subscribe'],
];

/** Whether a form was submitted, or most likely was. */
function isSubmit(action: Action): boolean {
  return action.type === 'submit' || (action.type === 'click' && says(action, SUBMITS));
}

const SEARCHES = ['search', 'find', 'suche', 'recherche', 'buscar'];

function isSearch(action: Action): boolean {
  return (action.type === 'submit' || action.type === 'type') && says(action, SEARCHES);
}

/** Whether one page is an entry of the list that the other is. */
function isDetail(list: string, detail: string): boolean {
  return detail === `${list === '/' ? '' : list}/:id`;
}
