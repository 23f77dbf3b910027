import { setTimeout as sleep } from 'node:timers/promises';
import { between, type Random } from '../../simulators/random';

/** What many visitors do again and again, each at their own pace. */
export interface Habit<What> {
  what: What;
  visitors: number;
  seconds: number;
  /** How long a visitor waits before they do it again, at least and at most; at first, at most the shorter of both. */
  everyMs: readonly [from: number, to: number];
}

/** One time that a visitor does it. */
export interface Moment<What> {
  what: What;
  visitor: number;
  atMs: number;
}

/** The times at which visitors follow their habits, in order. */
export function momentsOf<What>(
  habits: readonly Habit<What>[],
  random: Random,
): Array<Moment<What>> {
  const moments: Array<Moment<What>> = [];
  for (const { what, visitors, seconds, everyMs } of habits) {
    const [from, to] = everyMs;
    for (let visitor = 0; visitor < visitors; visitor += 1) {
      let atMs = between(random, 0, from);
      for (; atMs < seconds * 1_000; atMs += between(random, from, to)) {
        moments.push({ what, visitor, atMs });
      }
    }
  }
  return moments.sort((a, b) => a.atMs - b.atMs);
}

/** Lets visitors do what is due at each of these times, from now on. @throws the signal's reason when it aborts */
export async function live<What>(
  moments: readonly Moment<What>[],
  act: (moment: Moment<What>) => void,
  signal: AbortSignal,
): Promise<void> {
  const began = performance.now();
  for (const moment of moments) {
    const ms = began + moment.atMs - performance.now();
    if (ms > 0) await sleep(ms, null, { signal });
    signal.throwIfAborted();
    act(moment);
  }
}

/** How long at least one of these calls was under way, in milliseconds, if each takes `eachMs`. The times ascend. */
export function coveredMs(times: readonly number[], eachMs: number): number {
  return times.reduce(
    (sum, time, i) => sum + Math.min(eachMs, (times[i + 1] ?? Infinity) - time),
    0,
  );
}
