/** Time, passed in as a parameter so that tests can control it. */
export interface Clock {
  /** Now, in milliseconds since the epoch. */
  now(): number;
  /** Calls `callback` once after `ms` milliseconds. Returns what cancels the call. */
  after(ms: number, callback: () => void): () => void;
}

/** The real clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref?.();
    return () => clearTimeout(timer);
  },
};

/**
 * Resolves after `ms` milliseconds, or at once when `signal` aborts. An aborted wait is no error: callers
 * check the signal themselves.
 */
export async function wait(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const finish = () => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(ms, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/**
 * How long it is until `time` (ms since the epoch), from 0 to `mostMs`. The limit is for a wall clock that
 * was set back, which would turn a short wait into hours.
 */
export function timeUntil(clock: Pick<Clock, 'now'>, time: number, mostMs: number): number {
  return Math.min(Math.max(0, time - clock.now()), mostMs);
}
