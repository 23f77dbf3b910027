import { chartsOf } from '../../../bench/report/charts';
import type { Curve, Figure, Result } from '../../../bench/types';

const curve = (name: string, points: Curve['points'], unit = 'ms'): Curve => ({
  name,
  x: { name: 'Rate', unit: 'events/s' },
  y: { name: 'Latency', unit },
  points,
});
const figure = (name: string, value: number, unit = 'ms'): Figure => ({ name, value, unit });
const draw = (result: Partial<Result>) => chartsOf('A & B', { figures: [], ...result }) ?? '';
const count = (text: string, part: string) => text.split(part).length - 1;

it('a scenario without comparisons and curves has no chart', () => {
  expect(chartsOf('A', { figures: [figure('Alone', 1)] })).toBeUndefined();
  expect(chartsOf('A', { figures: [], curves: [curve('One point', [[1, 1]])] })).toBeUndefined();
});

it('a chart draws curves with the same axes in one panel', () => {
  const points: Curve['points'] = [[2, 7], [1, 5]]; // prettier-ignore
  const curves = [curve('p50', points), curve('p99', points), curve('Memory', points, 'MB')];
  const svg = draw({ curves });
  expect(count(svg, '<path')).toBe(3);
  expect(count(svg, 'Latency (ms)')).toBe(1);
  expect(count(svg, 'Latency (MB)')).toBe(1);
});

it.each([
  ['from 0', [3, 17], ['>0<', '>5<', '>20<']],
  ['in decades', [10, 9_000], ['>10<', '>100<', '>10,000<']],
])('a chart has an axis %s', (_, [low = 0, high = 0], ticks) => {
  const svg = draw({ curves: [curve('p50', [[2, high], [1, low]])] }); // prettier-ignore
  for (const tick of ticks) expect(svg).toContain(tick);
  const [, ...places] = /<path d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/.exec(svg)!.map(Number);
  const [fromX = 0, fromY = 0, toX = 0, toY = 0] = places;
  expect(toX).toBeGreaterThan(fromX);
  expect(toY).toBeLessThan(fromY);
});

it('a chart draws compared figures as bars in proportion to their values', () => {
  const svg = draw({
    figures: [figure('Read: <ours>', 50, '×'), figure('Read: bare', 100, '×'), figure('Lost: a', 0), figure('Lost: b', 0)], // prettier-ignore
  });
  const widths = [...svg.matchAll(/width="([\d.]+)" height="20"/g)].map(([, width]) => Number(width)); // prettier-ignore
  expect(widths[1]! / widths[0]!).toBeCloseTo(2);
  for (const words of ['&lt;ours&gt;', '>50×<', 'Lost: 0 for all', '<title>A &amp; B</title>']) {
    expect(svg).toContain(words);
  }
});
