/** How pauses grow from one failure to the next. All times are in milliseconds. */
interface Growth {
  /** The pause after the first failure; each further failure doubles it. */
  first: number;
  /** No pause is longer than this, before jitter. Unlimited by default. */
  longest?: number;
}

/** The least and the greatest factor by which chance changes a pause, so that callers do not return all at once. */
type Jitter = readonly [least: number, greatest: number];

/**
 * Makes the function that says how long to pause after so many failures in a row (0 counts as 1).
 * With `jitter`, the function also takes a source of numbers 0 ≤ x < 1.
 *
 * @example
 * const pause = backoff({ first: 1_000, longest: 30_000 });
 * pause(1); // 1000
 * pause(6); // 30000
 */
export function backoff(
  options: Growth & { jitter: Jitter },
): (failures: number, random: () => number) => number;
export function backoff(options: Growth): (failures: number) => number;
export function backoff({
  first,
  longest = Infinity,
  jitter,
}: Growth & { jitter?: Jitter }): (failures: number, random: () => number) => number {
  const pause = (failures: number) => Math.min(first * 2 ** Math.max(0, failures - 1), longest);
  if (!jitter) return pause;
  const [least, greatest] = jitter;
  return (failures, random) => pause(failures) * (least + random() * (greatest - least));
}

const rest = backoff({ first: 2_000, longest: 300_000 });

/**
 * How long claimed work rests after an execution gave it up, in milliseconds: 2 s doubling to 5 min.
 *
 * @param failures how often in a row the work had been given up before
 */
export function pauseAfter(failures: number): number {
  return rest(failures + 1);
}
