import type { Clock } from '../../core/clock';

/** A clock that stands still until it is told to move, so that tests decide when things happen. */
export interface FakeClock extends Clock {
  /** Moves `ms` forward, running every timer at its own moment, in order, with what it sets off. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock forward or back, as an administrator does: timers go on as they were. */
  jump(ms: number): void;
  /** How many timers are set. */
  timers(): number;
}

/**
 * Starts at `start`, in milliseconds since the epoch.
 * @param calm waits until all that can go on without time passing has done so
 */
export function createFakeClock(start = 1_700_000_000_000, calm = settle): FakeClock {
  let elapsed = 0;
  let offset = start;
  const timers = new Set<{ at: number; callback: () => void }>();

  const earliest = () => {
    let first: { at: number; callback: () => void } | undefined;
    for (const timer of timers) if (!first || timer.at < first.at) first = timer;
    return first;
  };

  return {
    now: () => offset + elapsed,
    after(ms, callback) {
      const timer = { at: elapsed + Math.max(0, ms), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const end = elapsed + ms;
      await calm();
      for (let timer = earliest(); timer && timer.at <= end; timer = earliest()) {
        elapsed = Math.max(elapsed, timer.at);
        timers.delete(timer);
        timer.callback();
        await calm();
      }
      // Somebody else may have moved it further meanwhile.
      elapsed = Math.max(elapsed, end);
    },
    jump: (ms) => void (offset += ms),
    timers: () => timers.size,
  };
}

/** Each is over when some work of another process is. */
const underWay = new Set<Promise<unknown>>();

/** Time stands still while `work` is done by another process, as it would if that took no time. */
export async function outOfTime<T>(work: Promise<T>): Promise<T> {
  const over = work.catch(() => undefined);
  underWay.add(over);
  try {
    return await work;
  } finally {
    underWay.delete(over);
  }
}

/** Lets every promise that can go on now do so. */
export async function settle(): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (underWay.size === 0) return;
    // Asking again and again would take the processor away from the process that is at work.
    await Promise.race(underWay);
  }
}
