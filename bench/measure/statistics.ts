/** The middle one, or the mean of the two in the middle. @throws RangeError when there is none */
export function median(values: readonly number[]): number {
  const sorted = sort(values);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] as number;
  return Number.isInteger(middle) ? ((sorted[middle - 1] as number) + upper) / 2 : upper;
}

/** How many units of work are done in a second. */
export async function perSecond(units: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return units / ((performance.now() - began) / 1_000);
}

/**
 * The smallest value that at least this share of all does not exceed.
 *
 * @param share 0.99 for the 99th percentile
 * @throws RangeError when there are no values
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = sort(values);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
}

function sort(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('Nothing was measured');
  return [...values].sort((a, b) => a - b);
}
