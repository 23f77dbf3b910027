import { timeUntil, wait, type Clock } from '../clock';

/** Ends a turn. */
type EndTurn = () => void;

/** Who may ask a model next. One for all who use the same server with the same key. */
export interface Turns {
  /** A turn at once; undefined while as many calls as allowed are under way. */
  tryTake(): EndTurn | undefined;
  /** A turn, in the order in which they were asked for; undefined when none comes within `patienceMs`. */
  take(patienceMs: number): Promise<EndTurn | undefined>;
  /** The server wants to be left alone for so long, in milliseconds, as `error` says. */
  rest(ms: number, error: unknown): void;
  /**
   * Waits until the server no longer wants to be left alone.
   * @throws the error with which it asked for that, when this takes longer than `patienceMs`
   */
  rested(patienceMs: number): Promise<void>;
}

/** @param atOnce how many calls may be under way; undefined for any number. May change from one call to the next. */
export type TurnsOf = (atOnce?: number) => Turns;

/** Turns for a model in this process. */
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
    take: (patienceMs) =>
      new Promise((resolve) => {
        if (underWay < atOnce && waiting.length === 0) return resolve(begin());
        const giveUp = clock.after(patienceMs, () => {
          waiting.splice(waiting.indexOf(mine), 1);
          resolve(undefined);
        });
        const mine = { atOnce, begin: (end: EndTurn) => (giveUp(), resolve(end)) };
        waiting.push(mine);
      }),
    rest(ms, error) {
      const until = clock.now() + ms;
      if (until > (resting?.until ?? 0)) resting = { until, error };
    },
    async rested(patienceMs) {
      if (!resting || resting.until <= clock.now()) return;
      // The machine's clock may have been set back.
      const left = timeUntil(clock, resting.until, LONGEST_REST_MS);
      if (left > patienceMs) throw resting.error;
      await wait(clock, left);
    },
  });
}

/** Longer than any server asks for in earnest. */
export const LONGEST_REST_MS = 3_600_000;
