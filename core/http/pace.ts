import type { Clock } from '../clock';

/** What a service still allows in its current window, by its own words. */
export interface Budget {
  limit: number;
  remaining: number;
  /** When the next window begins, in milliseconds since the epoch. */
  resetAt: number;
  /** How long a window is, in milliseconds. */
  windowMs: number;
}

export interface TurnOptions {
  /**
   * Lets all calls without this option go first, except for every fourth turn, and ends with a {@link TooBusyError} if
   * this time has passed without a turn, in milliseconds.
   */
  yieldFor?: number | undefined;
}

/**
 * Gives turns to all callers that use one service with one token, so that together they keep its limits.
 *
 * The gate of core/delivery decides who writes a note; this decides when each single call leaves. Calls that yield exist
 * here as well: below its number of places the gate lets redactions in at once, and they would use up what activity
 * needs a moment later. (With 6 notes a second and a limit of 166 calls in 10 s, a note leaves at once; if redactions did
 * not yield, it would leave 1 to 2 s late.)
 */
export interface Pace {
  /**
   * Runs `call` when it is its turn: first come, first served, except for calls that yield.
   * @throws TooBusyError, without having called, for a call that yields; any error of the call
   */
  run<T>(call: () => Promise<T>, options?: TurnOptions): Promise<T>;
  /** No call starts before this time, in milliseconds since the epoch, because the service asked for it. */
  pauseUntil(time: number): void;
  /** Spreads the turns over the rest of the window, by what the service said of its limit. */
  spread(budget: Budget): void;
}

/** Other calls were more urgent: to be tried again later. Nothing was called. */
export class TooBusyError extends Error {
  constructor() {
    super('Too busy just now; left for later');
    this.name = 'TooBusyError';
  }
}

/** One turn in this many belongs to calls that yield, so that some of them are made under any load. */
const YIELDING_SHARE = 4;
/**
 * The share of the limit that may be used at once; the rest is spread evenly over the window. Otherwise the whole limit
 * would be used up early, and all calls would wait until the window ends.
 */
const BURST_SHARE = 0.25;

export function createPace({
  clock,
  maxConcurrent,
}: {
  clock: Clock;
  maxConcurrent: number;
}): Pace {
  let running = 0;
  let turns = 0;
  /** When the service last asked for a pause, and until when, in milliseconds since the epoch. */
  let pause = { toldAt: -Infinity, until: 0 };
  let nextLook: { at: number; cancel: () => void } | undefined;
  let budget: Budget | undefined;
  const queue: Array<() => void> = [];
  const yielding = new Set<() => void>();

  /** How long no call may start, in milliseconds. */
  function holdBack(now: number): number {
    return Math.max(pauseEnds(now), evenPace(1 - BURST_SHARE, now)) - now;
  }

  /** When the pause ends. If it was asked for in the future, the clock has been set back since, and it counts for nothing. */
  function pauseEnds(now: number): number {
    return now < pause.toldAt ? 0 : pause.until;
  }

  /** The time at which the calls made so far fit into `share` of the limit, spread evenly over the window. */
  function evenPace(share: number, now: number): number {
    if (!budget) return 0;
    const { limit, remaining, resetAt, windowMs } = budget;
    // The window is over, or it began before the clock was set back.
    if (now >= resetAt || resetAt - now > windowMs) return 0;
    return resetAt - (windowMs * Math.max(0, remaining)) / (limit * share);
  }

  function startNext(): void {
    while (running < maxConcurrent) {
      const now = clock.now();
      const rest = holdBack(now);
      if (rest > 0) {
        if (queue.length > 0 || yielding.size > 0) lookAgainIn(rest);
        return;
      }
      const start = takeNext(now);
      if (!start) return;
      running += 1;
      if (budget) budget.remaining -= 1;
      start();
    }
  }

  function lookAgainIn(ms: number): void {
    const at = clock.now() + ms;
    // A call that yields may have asked for a later look than the others need.
    if (nextLook && nextLook.at <= at) return;
    nextLook?.cancel();
    const cancel = clock.after(ms, () => {
      nextLook = undefined;
      startNext();
    });
    nextLook = { at, cancel };
  }

  function takeNext(now: number): (() => void) | undefined {
    const [first] = yielding;
    // A call that yields keeps an even pace, and leaves the others what they may use ahead of it.
    const early = first ? evenPace(1, now) - now : 0;
    const itsTurn = queue.length === 0 ? early <= 0 : (turns + 1) % YIELDING_SHARE === 0;
    if (first && itsTurn) {
      turns += 1;
      yielding.delete(first);
      return first;
    }
    if (queue.length > 0) turns += 1;
    else if (first) lookAgainIn(early);
    return queue.shift();
  }

  function myTurn({ yieldFor }: TurnOptions): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (yieldFor === undefined) {
        queue.push(resolve);
        startNext();
        return;
      }
      let cancel = () => {};
      const start = () => {
        cancel();
        resolve();
      };
      cancel = clock.after(yieldFor, () => {
        if (yielding.delete(start)) reject(new TooBusyError());
      });
      yielding.add(start);
      startNext();
    });
  }

  return {
    async run(call, options = {}) {
      await myTurn(options);
      try {
        return await call();
      } finally {
        running -= 1;
        startNext();
      }
    },
    pauseUntil(time) {
      const now = clock.now();
      pause = { toldAt: now, until: Math.max(pauseEnds(now), time) };
    },
    spread(told) {
      budget = {
        ...told,
        // The answer may not count the calls that are under way.
        remaining: told.remaining - Math.max(0, running - 1),
        // A service whose clock is ahead of ours names an end that is too late.
        resetAt: Math.min(told.resetAt, clock.now() + told.windowMs),
      };
    },
  };
}
