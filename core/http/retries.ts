const FIRST_RETRY_MS = 300;

/**
 * How long to wait between the attempts of one call, in milliseconds: 300 ms doubling, give or take a half.
 *
 * @param attempts how many have failed
 * @param random 0 to 1
 */
export function backoff(attempts: number, random: () => number): number {
  return FIRST_RETRY_MS * 2 ** (attempts - 1) * (0.5 + random());
}

/**
 * How long work rests that was given up for now, in milliseconds: 2 s doubling to 5 min.
 *
 * @param failures how often in a row it had been given up before
 */
export function pauseAfter(failures: number): number {
  return Math.min(2_000 * 2 ** failures, 300_000);
}
