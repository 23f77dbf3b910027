/**
 * The exponent with which y grows with x: the slope of the straight line that fits best when both are
 * drawn in decades. 1 is in proportion, 2 is with the square, 0 is not at all.
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

/** A backlog at a time: milliseconds since the load began, events that are not in a note yet. */
export type BacklogSample = readonly [atMs: number, events: number];

/**
 * How much larger the backlog is on average in the second half of a span than in the first, as a
 * ratio. A backlog below `floor` events counts as that: of next to nothing, the double is nothing.
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
