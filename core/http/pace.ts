import type { Clock } from '../clock';

/** What a service says it still allows in its present window. */
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
   * Lets everybody else go first, but for every fourth turn, and gives up with a
   * {@link TooBusyError} when no turn has come after this long, in milliseconds.
   */
  yieldFor?: number | undefined;
}

/** Hands out turns to call one service with one token, so that all callers together keep its limits. */
export interface Pace {
  /**
   * Runs `call` when it is its turn: first come, first served, but for who yields.
   * @throws TooBusyError, without having called, for who yields
   */
  run<T>(call: () => Promise<T>, options?: TurnOptions): Promise<T>;
  /** Nobody starts before this time (ms since the epoch): the service said so. */
  pauseUntil(time: number): void;
  /** What the service told of its limit; turns are spread over the rest of the window accordingly. */
  spread(budget: Budget): void;
}

/** Others need the service more just now: to be tried again later. */
export class TooBusyError extends Error {
  constructor() {
    super('Too busy just now; left for later');
    this.name = 'TooBusyError';
  }
}

/** One turn in so many belongs to those who yield, so that they come to something under any load. */
const YIELDING_SHARE = 4;
/**
 * How far ahead of an even pace the calls may run in a window: this share of the limit may go at
 * once. Without holding back, the whole limit would be used up early and all calls stand still until
 * the window ends.
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
  /** When somebody was last told to pause, and until when, in milliseconds since the epoch. */
  let pause = { toldAt: -Infinity, until: 0 };
  let nextLook: { at: number; cancel: () => void } | undefined;
  let budget: Budget | undefined;
  const queue: Array<() => void> = [];
  const yielding = new Set<() => void>();

  /** How long nobody may start, in milliseconds. */
  function holdBack(now: number): number {
    return Math.max(pauseEnds(now), evenPace(1 - BURST_SHARE, now)) - now;
  }

  /** When nobody has to pause any more. A pause told in the future is one of a wall clock set back since. */
  function pauseEnds(now: number): number {
    return now < pause.toldAt ? 0 : pause.until;
  }

  /** When the calls so far are no more than `share` of the limit, spread over the window, leaves room for. */
  function evenPace(share: number, now: number): number {
    if (!budget) return 0;
    const { limit, remaining, resetAt, windowMs } = budget;
    // Over, or told before the wall clock was set back.
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
    // Who yields may look later than the others have to.
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
    // Who yields leaves the others what they may have ahead of an even pace.
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
        // Calls that are under way may not be counted in what an answer tells.
        remaining: told.remaining - Math.max(0, running - 1),
        // The service's clock may be ahead of ours, its windows are no longer for that.
        resetAt: Math.min(told.resetAt, clock.now() + told.windowMs),
      };
    },
  };
}
