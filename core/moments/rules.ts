import { pagesNamed, withoutSlash } from '../payload/pages';
import { createRecent } from '../recent';
import type { Run } from './runs';
import type { History, Act, Rule, RuleName, Thresholds, Visit, Window } from './types';

// What each rule looks for. A rule returns every time at which it would fire, past and future, as if the visitor did nothing
// more. Whether it fires at a time depends only on what happened up to then, so the answer stays the same when more is
// known. `detect.ts` decides which of the times have come.

/** How long activity may take to arrive, in milliseconds: until then, what happened before may still become known. */
export const HOLD_MS = 2_000;
/** Silence is not presence: after this long without an action, in milliseconds, nobody is taken to be there. */
const PRESENT_MS = 5 * 60_000;
/** What was done longer before than this, in milliseconds, has nothing to do with what is done now. */
const RELATED_MS = 3 * 60_000;
/** A shorter stay in a section is passing through, in milliseconds. */
export const IN_SECTION_MS = 5_000;
/** Two stays on a page are two visits if they are further apart, in milliseconds. */
const VISIT_MS = 30 * 60_000;

/** A time at which a rule fires. */
export interface Found {
  at: number;
  /** Where the visitor is. */
  page: string;
  /** The page that it is about, where that is another. */
  about?: string;
  evidence: number[];
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
  /** When the visitor acted first in this session, in milliseconds since the epoch; null if it is not known. */
  startedAt: number | null;
  /** As it was before this session; null if the person is not known from before. */
  history: History | null;
  /** The person's visits to each page before the runs. */
  visits: Readonly<Record<string, readonly Visit[]>>;
  /** Since when histories are kept, in milliseconds since the epoch; null if they are not. */
  learningSince: number | null;
}

/** Made once for each rule, and then asked for each session. */
type Look<Name extends RuleName> = (thresholds: Thresholds[Name]) => (seen: Seen) => Found[];

const pingPong: Look<'ping_pong'> = ({ cycles, withinMs, longestStayMs }) => {
  const length = 2 * cycles + 1;
  const isIt = (some: readonly Run[]) => {
    const [a, b] = [some[0]!.page, some[1]!.page];
    const alternates = some.every(({ page }, i) => page === (i % 2 === 0 ? a : b));
    if (!alternates || a === b || isDetail(a, b) || isDetail(b, a)) return false;
    const isQuick = some.slice(0, -1).every((run) => lengthOf(run) <= longestStayMs);
    return isQuick && some.slice(1).every(({ follows }) => follows);
  };
  return ({ runs }) =>
    runs.slice(length - 1).flatMap((last, i) => {
      const tookMs = last.from - runs[i]!.from;
      const some = tookMs <= withinMs ? runs.slice(i, i + length) : [];
      if (some.length === 0 || !isIt(some)) return [];
      const evidence = some.map(({ actions }) => actions[0]!);
      return entered(last, evidence, withinMs / Math.max(1, tookMs));
    });
};

const dwell: Look<'dwell'> =
  ({ afterMs, maxActions }) =>
  ({ runs }) =>
    runs.flatMap((run) => {
      if (run.isCut) return [];
      return after(run, run.from, afterMs).filter(({ at }) => countUpTo(run, at) <= maxActions);
    });

const idle: Look<'idle'> =
  ({ afterMs }) =>
  ({ runs }) =>
    runs.flatMap((run) =>
      run.actions.slice(1).flatMap((action, i) => {
        if (action.at - run.actions[i]!.at > RELATED_MS) return [];
        const next = run.actions[i + 2]?.at ?? Infinity;
        return after(run, action.at, afterMs).filter(({ at }) => at < next);
      }),
    );

const rageClick: Look<'rage_click'> = ({ clicks, gapMs, except }) => {
  const isExcept = saying(except);
  const foundAt = (run: Run, { at }: Act) => found(run, at, upTo(run, at));
  return ({ runs }) =>
    runs.flatMap((run) => {
      const reported = run.actions.filter(({ signal }) => signal === 'rage_click');
      const quick = rows(run.actions, gapMs).filter(
        (row) => row.length >= clicks && !isExcept(row[0]!),
      );
      return [...reported, ...quick.map((row) => row[clicks - 1]!)].map((one) => foundAt(run, one));
    });
};

const repeatedClick: Look<'repeated_click'> = ({ clicks, withinMs, except }) => {
  const isExcept = saying(except);
  return ({ runs }) =>
    runs.flatMap((run) => {
      if (run.actions.length < clicks) return [];
      const byTarget = Map.groupBy(run.actions.filter(isClick), ({ target }) => target);
      return [...byTarget.values()].flatMap((same) =>
        isExcept(same[0]!) ? [] : within(run, same, clicks, withinMs),
      );
    });
};

const deadClick: Look<'dead_click'> =
  ({ clicks }) =>
  ({ runs }) =>
    runs.flatMap((run) => {
      const dead = run.actions.filter(({ signal }) => signal === 'dead_click');
      return within(run, dead, clicks, RELATED_MS);
    });

const failures: Look<'failures'> = ({ failures: least, withinMs, words }) => {
  const isSaid = saying(words);
  return ({ runs }) => {
    const failed: Array<{ run: Run; one: Act }> = [];
    const known = new Set<string>();
    for (const run of runs) {
      const submitted = new Set<string>();
      for (const one of run.actions) {
        const { type, signal, said, target } = one;
        const isAgain = type === 'submit' && submitted.has(target);
        if (type === 'submit') submitted.add(target);
        // An error that a page reports again and again is one failure.
        const isNewError = signal === 'error' && !known.has(said);
        if (isNewError) known.add(said);
        const isError = signal === 'error' ? isNewError : signal === 'dead_click';
        if (isError || isAgain || (signal !== 'error' && isSaid(one))) failed.push({ run, one });
      }
    }
    return failed.slice(least - 1).flatMap(({ run, one }, i) => {
      const row = failed.slice(i, i + least).map((failure) => failure.one);
      return one.at - row[0]!.at <= withinMs ? [found(run, one.at, row)] : [];
    });
  };
};

const formLeft: Look<'form_left'> = ({ fields, afterMs, nextPages }) => {
  const isNext = pagesNamed(nextPages);
  const isFilled = (filling: readonly Act[]) =>
    filling.length >= fields && new Set(filling.map(({ target }) => target)).size >= fields;
  return ({ runs }) =>
    runs.flatMap((run, i) => {
      let filling: Act[] = [];
      const quiet: Found[] = [];
      for (const [j, one] of run.actions.entries()) {
        if (one.type === 'type' || one.type === 'focus') filling.push(one);
        else if (filling.length > 0 && isSubmit(one)) filling = [];
        if (filling.length === 0) continue;
        filling = filling.filter(({ at }) => one.at - at <= RELATED_MS);
        if (!isFilled(filling)) continue;
        const evidence = latest(filling);
        const next = run.actions[j + 1]?.at ?? Infinity;
        const silence = after(run, one.at, afterMs).filter(({ at }) => at < next);
        quiet.push(...silence.map((one) => ({ ...one, evidence })));
      }
      const next = runs[i + 1];
      const leads = next && (isNext(next.page) || next.page.startsWith(`${run.page}/`));
      if (!next?.follows || leads || !isFilled(filling)) return quiet;
      // The visitor is on the next page, where they can be helped.
      return [...quiet, ...entered(next, filling, 1).map((one) => ({ ...one, about: run.page }))];
    });
};

const firstInSection: Look<'first_in_section'> =
  ({ sections, learnMs }) =>
  ({ runs, history, learningSince }) => {
    if (!history || learningSince === null) return [];
    return runs.flatMap((run) => {
      const section = sectionOf(run.page, sections);
      if (section === undefined || history.sections[section] !== undefined) return [];
      const watched = history.watched[section] ?? Infinity;
      // A person known before may have visited the section before the memory looked for it.
      const since = watched <= history.first_seen_at ? learningSince : watched;
      const at = run.from + IN_SECTION_MS;
      if (at >= run.to || at < since + learnMs) return [];
      const window: Window = { of: 'person', key: `section ${section}` };
      return [{ ...found(run, at, upTo(run, at)), window }];
    });
  };

const returned: Look<'return'> =
  ({ afterMs }) =>
  ({ runs, history, startedAt }) => {
    const [first, second] = runs;
    if (!history || !first || !second || startedAt === null) return [];
    const awayMs = startedAt - history.last_seen_at;
    if (awayMs < afterMs) return [];
    // Of a long session, only the latest stays are known: what is second now need not have been before.
    const window: Window = { of: 'session', key: '' };
    const evidence = [first.actions[0]!];
    return entered(second, evidence, awayMs / afterMs).map((one) => ({ ...one, window }));
  };

const nthVisit: Look<'nth_visit'> =
  ({ visits, withinMs }) =>
  ({ session_id, runs, visits: earlier }) => {
    const known = { ...earlier };
    return runs.flatMap((run) => {
      if (run.isCut) return [];
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

const searchWithoutResult: Look<'search_without_result'> = ({ searches, withinMs, words }) => {
  const isNothing = saying(words);
  return ({ runs }) => {
    const out: Found[] = [];
    let row: Act[] = [];
    for (const run of runs) {
      for (const one of run.actions) {
        if (isNothing(one)) out.push(found(run, one.at, [...row, one]));
        if (isSearch(one)) {
          row = [...row, one].filter(({ at }) => one.at - at <= withinMs);
          if (row.length >= searches) out.push(found(run, one.at, row, row.length / searches));
        } else if (isClick(one)) row = [];
      }
    }
    return out;
  };
};

const stuckStep: Look<'stuck_step'> = ({ afterMs, goals }) => {
  const isGoal = saying(goals);
  return ({ runs }) =>
    runs.flatMap((run) => {
      if (run.isCut) return [];
      return after(run, run.from, afterMs).filter(({ at }) => {
        const done = upTo(run, at);
        return done.length > 1 && !done.some(isGoal);
      });
    });
};

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

/** How far back a rule looks, in milliseconds, from the time at which it fires. */
export function spanOf(rule: Rule): number {
  switch (rule.rule) {
    case 'ping_pong':
    case 'repeated_click':
    case 'failures':
    case 'search_without_result':
      return rule.withinMs;
    case 'rage_click':
      return rule.clicks * rule.gapMs;
    case 'dwell':
    case 'stuck_step':
      return rule.afterMs;
    case 'idle':
    case 'form_left':
      return rule.afterMs + RELATED_MS;
    case 'dead_click':
      return RELATED_MS;
    case 'first_in_section':
    case 'return':
    case 'nth_visit':
      // Stays of this session that have passed are in the history.
      return 0;
  }
}

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
    .map(sectionKey)
    .filter((section) => page === section || section === '/' || page.startsWith(`${section}/`));
  return fitting.toSorted((a, b) => b.length - a.length)[0];
}

/** What a section is kept under. */
export function sectionKey(prefix: string): string {
  return withoutSlash(prefix.toLowerCase());
}

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
const latest = (acts: readonly Act[]) => acts.slice(-MOST_EVIDENCE).map(({ seq }) => seq);

const lengthOf = ({ from, to }: Run) => to - from;
const upTo = (run: Run, at: number) => run.actions.filter((one) => one.at <= at);
const countUpTo = (run: Run, at: number) => upTo(run, at).length;

function found(run: Run, at: number, evidence: readonly Act[], strength = 1): Found {
  // Before, the page could turn out to redirect.
  const certain = Math.max(at, run.certainAt);
  return {
    ...{ at: certain, page: run.page },
    ...{ evidence: latest(evidence), strength: Math.max(1, strength) },
  };
}

/** As soon as it is certain that the visitor has come to the page. */
function entered(run: Run, evidence: readonly Act[], strength: number): Found[] {
  return run.certainAt < run.to ? [found(run, run.certainAt, evidence, strength)] : [];
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

/** Each time that enough of the actions lie close enough together. */
function within(run: Run, some: readonly Act[], least: number, withinMs: number): Found[] {
  return some.slice(least - 1).flatMap((one, i) => {
    const row = some.slice(i, i + least);
    return one.at - row[0]!.at <= withinMs ? [found(run, one.at, row)] : [];
  });
}

/** Rows of clicks on the same thing, each soon after the one before, with nothing between. */
function rows(actions: readonly Act[], gapMs: number): Act[][] {
  const out: Act[][] = [];
  let row: Act[] | undefined;
  for (const one of actions) {
    const before = row?.at(-1);
    const goesOn = before && one.at - before.at <= gapMs && isSameClick(before, one);
    if (goesOn) row!.push(one);
    else {
      row = isClick(one) ? [one] : undefined;
      if (row) out.push(row);
    }
  }
  return out;
}

const isSameClick = (before: Act, one: Act) => isClick(one) && before.target === one.target;

const isClick = ({ type }: Act) => type === 'click';

/** Texts of which the answer is kept. */
const MOST_TEXTS = 5_000;

/** Whether an action's words contain one of these. Most visitors read the same words. */
function saying(words: readonly string[]): (act: Act) => boolean {
  const wanted = words.filter((word) => word !== '');
  if (wanted.length === 0) return () => false;
  const says = createRecent(MOST_TEXTS, (said) => wanted.some((word) => said.includes(word)));
  return ({ said }) => says(said);
}

/** Buttons that submit a form, for sources that report the click alone. */
const SUBMITS = [
  ...['submit', 'save', 'send', 'continue', 'next', 'confirm', 'sign up', 'sign in', 'log in'],
  ...['create', 'add', 'apply', 'done', 'finish', 'search', 'pay', 'order', 'book', 'subscribe'],
];

/** Whether what was clicked is called like one of them. Whole words count: “Address” is no “Add”. */
const isSubmitting = createRecent(MOST_TEXTS, (target) => {
  const words = ` ${target
    .toLowerCase()
    .split(/[^\p{L}\p{N}]/u)
    .filter(Boolean)
    .join(' ')} `;
  return SUBMITS.some((name) => words.includes(` ${name} `));
});

/** Whether a form was submitted, or most likely was. */
function isSubmit(act: Act): boolean {
  return act.type === 'submit' || (isClick(act) && isSubmitting(act.target));
}

const isSearching = saying(['search', 'find', 'suche', 'recherche', 'buscar']);

function isSearch(act: Act): boolean {
  return (act.type === 'submit' || act.type === 'type') && isSearching(act);
}

/** Whether one page is an entry of the list that the other is. */
function isDetail(list: string, detail: string): boolean {
  return detail === `${list === '/' ? '' : list}/:id`;
}
