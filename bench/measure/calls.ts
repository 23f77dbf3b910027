/** The most that came within any span of that length; the times ascend. */
export function mostWithin(times: readonly number[], spanMs: number): number {
  let most = 0;
  let from = 0;
  times.forEach((time, i) => {
    while (time - times[from]! >= spanMs) from += 1;
    most = Math.max(most, i - from + 1);
  });
  return most;
}
