import type { Act } from './types';

/** Between actions that are further apart, in milliseconds, the visitor was away: PostHog ends a session then. */
export const AWAY_MS = 30 * 60_000;
/** A page on which the visitor does nothing and which they see for less, in milliseconds, only redirects. */
export const REDIRECT_MS = 1_000;

/** A stay on one page, however many actions it has. */
export interface Run {
  /** The page's key. */
  page: string;
  /** When it began, in milliseconds since the epoch. Before, if `isCut`. */
  from: number;
  /** When it was certain that the page does not only redirect. */
  certainAt: number;
  /** When the next stay began, or the visitor was taken to be away; Infinity if it is not over. */
  to: number;
  /** Times within it when a redirect had led away, and came back. */
  gaps: Array<readonly [from: number, to: number]>;
  /** Its actions, the oldest first. */
  actions: Act[];
  /** Whether it began before the first action that is known. */
  isCut: boolean;
  /** Whether it comes right after the run before it: the visitor was not away in between. */
  follows: boolean;
}

/**
 * The stays of a visitor, from their actions in any order. Pages that only redirect are left out, and the stays around
 * one are one if they are on the same page. An action without an address belongs to the page before it.
 *
 * @param isComplete whether the first action is the visitor's first
 */
export function runsOf(actions: readonly Act[], isComplete: boolean): Run[] {
  const runs: Run[] = [];
  /** Where the visitor may have been redirected to, as long as it is not certain that they stay. */
  let passing: Run | undefined;
  const settle = () => {
    if (passing) runs.push(passing);
    passing = undefined;
  };
  const sorted = actions.toSorted((a, b) => a.at - b.at || a.seq - b.seq);
  let before: number | undefined;
  for (const action of sorted) {
    const { at } = action;
    const isBack = before !== undefined && at - before > AWAY_MS;
    if (isBack) {
      settle();
      const last = runs.at(-1);
      if (last) last.to = before! + AWAY_MS;
    }
    if (passing && at - passing.from >= REDIRECT_MS) settle();
    const current = isBack ? undefined : runs.at(-1);
    const page = action.page || (passing ?? current)?.page || '';
    before = at;
    if (passing?.page === page) passing.actions.push(action);
    else if (current?.page === page) {
      if (passing) current.gaps.push([current.to, at]);
      passing = undefined;
      current.to = Infinity;
      current.actions.push(action);
    } else {
      // A page that is passed on the way to another page is no stay of its own.
      if (current && !passing) current.to = at;
      passing = {
        page,
        from: at,
        certainAt: at + REDIRECT_MS,
        to: Infinity,
        gaps: [],
        actions: [action],
        isCut: runs.length === 0 && !isComplete,
        follows: current !== undefined,
      };
    }
    if (passing && !isView(action)) {
      passing.certainAt = at;
      settle();
    }
  }
  settle();
  return runs;
}

/** Whether the visitor did nothing but come to the page. */
const isView = ({ type, signal }: Act) => type === 'pageview' && signal === undefined;
