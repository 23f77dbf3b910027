import { chartsOf } from '../../../bench/report/charts';
import { scaleFor } from '../../../bench/report/scale';
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

/** Every number that places something; the frame of the picture is the first two. */
const numbers = (svg: string) =>
  [...svg.matchAll(/ (?:x|y|x1|x2|y1|y2|cx|cy|width|height)="([^"]*)"/g)].map(([, n]) => Number(n));

it('draws nothing where there is nothing to compare', () => {
  expect(chartsOf('A', { figures: [figure('Alone', 1)] })).toBeUndefined();
  expect(chartsOf('A', { figures: [figure('Group: alone', 1)] })).toBeUndefined();
  expect(chartsOf('A', { figures: [], curves: [curve('One point', [[1, 1]])] })).toBeUndefined();
});

it('draws curves over the same axes together, and others apart', () => {
  const points: Curve['points'] = [
    [1, 5],
    [2, 7],
  ];
  const svg = draw({
    curves: [curve('p50', points), curve('p99', points), curve('Memory', points, 'MB')],
  });
  expect(count(svg, '<path')).toBe(3);
  expect(count(svg, 'Rate (events/s)')).toBe(2);
  expect(count(svg, 'Latency (ms)')).toBe(1);
  expect(count(svg, 'Latency (MB)')).toBe(1);
});

it('connects the points in the order of x, and higher is further up', () => {
  const svg = draw({
    curves: [
      curve('p50', [
        [3, 30],
        [1, 10],
        [2, 20],
      ]),
    ],
  });
  const [, path = ''] = /<path d="([^"]*)"/.exec(svg) ?? [];
  const places = path.split(/[ML]/).slice(1);
  const [xs, ys] = [0, 1].map((i) => places.map((place) => Number(place.split(' ')[i])));
  expect(xs).toEqual([...xs!].sort((a, b) => a - b));
  expect(ys).toEqual([...ys!].sort((a, b) => b - a));
  expect(new Set(ys).size).toBe(3);
});

it('names what is 0 for all instead of drawing bars of nothing', () => {
  const figures = [
    figure('Lost: ours', 0, ''),
    figure('Lost: theirs', 0, ''),
    figure('Late: ours', 0),
    figure('Late: theirs', 7),
  ];
  const svg = draw({ figures });
  expect(count(svg, 'height="20"')).toBe(2);
  expect(svg).toMatch(/0 for all[^]*Lost/);
  expect(svg).not.toMatch(/0 for all[^]*Late/);
});

it('marks points only where there are few', () => {
  const points = Array.from({ length: 61 }, (_, i): [number, number] => [i, i + 1]);
  expect(count(draw({ curves: [curve('p50', points)] }), '<circle')).toBe(0);
  expect(count(draw({ curves: [curve('p50', points.slice(1))] }), '<circle')).toBe(60);
});

it('draws compared figures as bars as long as their values, with what they are', () => {
  const svg = draw({ figures: [figure('Read: ours', 50, '×'), figure('Read: bare', 100, '×')] });
  const widths = [...svg.matchAll(/width="([\d.]+)" height="20"/g)].map(([, width]) =>
    Number(width),
  );
  expect(widths[1]! / widths[0]!).toBeCloseTo(2);
  for (const words of ['>Read<', '>ours<', '>bare<', '>50×<', '>100×<'])
    expect(svg).toContain(words);
});

it('is one file that follows light and dark and needs no other', () => {
  const svg = draw({ figures: [figure('G: <a>', 1), figure('G: "b"', 2)] });
  expect(svg).toContain('prefers-color-scheme:dark');
  expect(svg).toContain('<title>A &amp; B</title>');
  expect(svg).toContain('&lt;a&gt;');
  expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|href|url\(/);
});

it.each([
  ['nothing but zeros', [0, 0, 0]],
  ['one value for all', [7, 7, 7]],
  ['values below zero', [-5, 0, 5]],
  ['decades', [0.001, 1, 1_000_000]],
])('places %s inside of the picture', (_, [a = 0, b = 0, c = 0]) => {
  const svg = draw({
    curves: [
      curve('Any', [
        [1, a],
        [10, b],
        [1_000, c],
      ]),
    ],
    figures: [figure('G: a', a), figure('G: b', b)],
  });
  const [width = 0, height = 0] = numbers(svg);
  const [, box] = /viewBox="0 0 ([^"]*)"/.exec(svg) ?? [];
  expect(box).toBe(`${width} ${height}`);
  for (const number of numbers(svg)) {
    expect(number).toBeGreaterThanOrEqual(0);
    expect(number).toBeLessThanOrEqual(Math.max(width, height));
  }
});

it('puts every value and tick on its axis; from 0, or in decades where values span them', () => {
  expect(scaleFor([3, 17]).ticks).toEqual([0, 5, 10, 15, 20]);
  expect(scaleFor([0.1, 0.3]).ticks[0]).toBe(0);
  expect(scaleFor([10, 9_000]).ticks).toEqual([10, 100, 1_000, 10_000]);
  expect(scaleFor([10, 1_000]).place(100)).toBeCloseTo(0.5);
  for (const values of [[3, 17], [0.001, 1e6], [0, 1e9], [-3, 4], [5]]) {
    const { place, ticks } = scaleFor(values);
    for (const value of [...values, ...ticks]) {
      expect(place(value)).toBeGreaterThanOrEqual(-1e-9);
      expect(place(value)).toBeLessThanOrEqual(1 + 1e-9);
    }
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThan(10);
  }
});
