import fc from 'fast-check';
import type { Target } from './target';

export interface FuzzOptions {
  /** How many cases in all. */
  cases: number;
  /** No case starts after so many seconds. */
  seconds: number;
  seed: number;
  /** Milliseconds since some fixed moment. */
  now: () => number;
  onProgress?(state: { target: string; done: number; failures: number }): void;
}

/** A broken promise, and the seed that repeats it. */
export interface Failure {
  target: string;
  seed: number;
  report: string;
}

/** How many cases run before the time is checked again. */
const SLICE = 2_000;

/**
 * Runs the targets in turns, slice by slice. Each slice has a seed of its own, derived from the given one. A target that
 * failed does not run again.
 */
export async function fuzz(
  targets: readonly Target[],
  { cases, seconds, seed, now, onProgress }: FuzzOptions,
): Promise<{ cases: number; failures: Failure[] }> {
  const shares = targets.reduce((sum, { share }) => sum + share, 0);
  const left = new Map(targets.map((one) => [one, Math.ceil((cases * one.share) / shares)]));
  const failures: Failure[] = [];
  const until = now() + seconds * 1_000;
  let done = 0;
  for (let slice = 0; left.size > 0 && now() < until; slice++) {
    for (const [target, count] of left) {
      if (now() >= until) break;
      const numRuns = Math.min(count, Math.max(1, Math.round((SLICE * target.share) / 10)));
      const own = (seed + slice) | 0;
      const result = await fc.check(target.property, { seed: own, numRuns });
      done += result.numRuns;
      if (count > numRuns) left.set(target, count - numRuns);
      else left.delete(target);
      if (result.failed) {
        left.delete(target);
        const why = result.errorInstance instanceof Error ? result.errorInstance.message : '';
        const report = `${why}\n${(await fc.asyncDefaultReportMessage(result)) ?? ''}`;
        failures.push({ target: target.name, seed: own, report });
      }
      onProgress?.({ target: target.name, done, failures: failures.length });
    }
  }
  return { cases: done, failures };
}
