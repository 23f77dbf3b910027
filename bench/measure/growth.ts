/**
 * The exponent of the growth of y with x: the slope of the line that fits best when both are drawn in
 * decades. 1 is in proportion, 2 with the square, 0 no growth.
 *
 * @throws RangeError when there are no two different x, or something is not above 0
 */
export function exponentOf(points: ReadonlyArray<readonly [x: number, y: number]>): number {
  if (points.some(([x, y]) => !(x > 0 && y > 0)))
    throw new RangeError('Only what is above 0 grows');
  const logs = points.map(([x, y]) => [Math.log10(x), Math.log10(y)] as const);
  const [meanX, meanY] = [mean(logs.map(([x]) => x)), mean(logs.map(([, y]) => y))];
  const spread = sum(logs.map(([x]) => (x - meanX) ** 2));
  if (!(spread > 0)) throw new RangeError('An exponent takes two points');
  return sum(logs.map(([x, y]) => (x - meanX) * (y - meanY))) / spread;
}

/** A backlog at a time: milliseconds since the load began, and events that are in no note yet. */
export type BacklogSample = readonly [atMs: number, events: number];

/**
 * The average backlog in the second half of a span, divided by that in the first. A backlog below `floor`
 * events counts as `floor`, because a ratio of tiny backlogs means nothing.
 *
 * @throws RangeError when a half holds no sample
 */
export function backlogGrowth(
  samples: readonly BacklogSample[],
  span: { fromMs: number; toMs: number },
  floor: number,
): number {
  const middle = (span.fromMs + span.toMs) / 2;
  const within = (from: number, to: number) =>
    samples.filter(([at]) => at >= from && at < to).map(([, events]) => events);
  const halves = [within(span.fromMs, middle), within(middle, span.toMs)];
  if (halves.some(({ length }) => length === 0)) throw new RangeError('Nothing was measured');
  const [first = 0, second = 0] = halves.map((half) => Math.max(floor, mean(half)));
  return second / first;
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
