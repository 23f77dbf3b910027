import { timeUntil, wait, type Clock } from '../clock';

/** Ends a turn. */
type EndTurn = () => void;

/** Decides which caller may ask a model next; one for all callers that use the same server with the same key. */
export interface Turns {
  /** A turn at once; undefined while as many calls as allowed are under way. */
  tryTake(): EndTurn | undefined;
  /** Whether so many wait that a turn is two rounds of calls away. */
  isCrowded(): boolean;
  /** A turn, in the order of asking; undefined if none comes within `waitMs`. */
  take(waitMs: number): Promise<EndTurn | undefined>;
  /** Records that the server asked for a pause of this length, in milliseconds, with `error`. */
  rest(ms: number, error: unknown): void;
  /**
   * Waits until the pause is over that the server asked for.
   * @throws the error with which it asked, if that takes longer than `waitMs`
   */
  rested(waitMs: number): Promise<void>;
}

/** @param atOnce the maximum number of calls under way; unlimited by default. May change from one call to the next. */
export type TurnsOf = (atOnce?: number) => Turns;

/** The turns for one model in this process. */
export function createTurns(clock: Clock): TurnsOf {
  const waiting: Array<{ atOnce: number; begin: (end: EndTurn) => void }> = [];
  let underWay = 0;
  let resting: { until: number; error: unknown } | undefined;

  function begin(): EndTurn {
    underWay += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      underWay -= 1;
      while (waiting[0] && underWay < waiting[0].atOnce) waiting.shift()!.begin(begin());
    };
  }

  return (atOnce = Infinity) => ({
    tryTake: () => (underWay < atOnce && waiting.length === 0 ? begin() : undefined),
    isCrowded: () => waiting.length >= 2 * atOnce,
    take: (waitMs) =>
      new Promise((resolve) => {
        if (underWay < atOnce && waiting.length === 0) return resolve(begin());
        const giveUp = clock.after(waitMs, () => {
          waiting.splice(waiting.indexOf(mine), 1);
          resolve(undefined);
        });
        const mine = { atOnce, begin: (end: EndTurn) => (giveUp(), resolve(end)) };
        waiting.push(mine);
      }),
    rest(ms, error) {
      const until = clock.now() + Math.min(ms, LONGEST_REST_MS);
      if (until > (resting?.until ?? 0)) resting = { until, error };
    },
    async rested(waitMs) {
      if (!resting || resting.until <= clock.now()) return;
      // Bounded, because the machine's clock may have been set back.
      const left = timeUntil(clock, resting.until, LONGEST_REST_MS);
      if (left > waitMs) throw resting.error;
      await wait(clock, left);
    },
  });
}

/** The longest pause that is kept: longer than any server asks for in earnest. */
export const LONGEST_REST_MS = 3_600_000;
