import type { Curve, Result } from '../types';
import { comparisonsOf, formatAmount, formatValue, type Comparison } from './figures';

const WIDTH = 760;
const PLOT = { left: 90, right: 715, top: 62, bottom: 282 };
const BARS = { left: 270, right: 630, row: 30 };
/** Values that span more than this are drawn in decades; otherwise all but the largest would lie on one line. */
const DECADES_FROM = 50;

// Each colour is readable on its ground, and people who see fewer colours can tell neighbours apart.
const LIGHT = ['#1f6feb', '#c2410c', '#15803d', '#9333ea', '#b4235a', '#0e7490'];
const DARK = ['#79b8ff', '#fb923c', '#4ade80', '#c084fc', '#f472b6', '#22d3ee'];
const classes = (colours: string[]) =>
  colours.map((one, i) => `.line${i}{stroke:${one}}.fill${i}{fill:${one}}`).join('');
const STYLE = `text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-size:17px;font-weight:600}
.panel{font-weight:600}.ground{fill:#fff}line{stroke:#d0d7de}path{fill:none;stroke-width:2}${classes(LIGHT)}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.ground{fill:#0d1117}line{stroke:#30363d}${classes(DARK)}}`;

interface Panel {
  height: number;
  content: string[];
}

/**
 * Draws a scenario as one SVG file, in light and dark: curves over the same axes together, and compared
 * figures as bars. Undefined when there is nothing to draw.
 */
export function chartsOf(title: string, { figures, curves = [] }: Result): string | undefined {
  const drawn = curves.filter(({ points }) => points.length > 1);
  const byAxes = Object.values(Object.groupBy(drawn, ({ x, y }) => JSON.stringify([x, y])));
  const panels = [
    ...byAxes.map((group) => curvePanel(group as [Curve, ...Curve[]])),
    ...comparisonsOf(figures).map(barPanel),
  ];
  if (panels.length === 0) return undefined;
  let y = 44;
  const placed = panels.map(({ height, content }) => {
    const panel = `<g transform="translate(0 ${y})">\n${content.join('\n')}\n</g>`;
    y += height;
    return panel;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img">
<title>${escape(title)}</title>
<style>${STYLE}</style>
<rect width="${WIDTH}" height="${y}" class="ground"/>
${text(20, 30, title, 'class="title"')}
${placed.join('\n')}
</svg>
`;
}

function curvePanel(curves: [Curve, ...Curve[]]): Panel {
  const { left, right, top, bottom } = PLOT;
  const points = curves.flatMap((curve) => curve.points);
  const [across, up] = [axis(points.map(([x]) => x)), axis(points.map(([, y]) => y))];
  const toX = (value: number) => round(left + across.place(value) * (right - left));
  const toY = (value: number) => round(bottom - up.place(value) * (bottom - top));
  const [{ x, y }] = curves;
  const content = [
    text(20, 16, named(y), 'class="panel"'),
    text((left + right) / 2, bottom + 40, named(x), 'text-anchor="middle"'),
    ...up.ticks.flatMap((tick) => [
      `<line x1="${left}" y1="${toY(tick)}" x2="${right}" y2="${toY(tick)}"/>`,
      text(left - 8, toY(tick) + 4, formatValue(tick), 'text-anchor="end"'),
    ]),
    ...across.ticks.map((tick) =>
      text(toX(tick), bottom + 20, formatValue(tick), 'text-anchor="middle"'),
    ),
  ];
  let legendAt = 20;
  for (const [i, { name, points: own }] of curves.entries()) {
    const colour = i % LIGHT.length;
    const path = own.toSorted(([a], [b]) => a - b).map(([at, value]) => `${toX(at)} ${toY(value)}`);
    content.push(
      `<path d="M${path.join('L')}" class="line${colour}"/>`,
      `<rect x="${legendAt}" y="31" width="12" height="12" class="fill${colour}"/>`,
      text(legendAt + 18, 42, name),
    );
    // Wide enough for any font; the width of a text is not known here.
    legendAt += 40 + name.length * 7.5;
  }
  return { height: bottom + 62, content };
}

/** Bars begin at 0, so that a bar of twice the length is twice the value. */
function barPanel({ name, unit, bars }: Comparison): Panel {
  const { left, right, row } = BARS;
  const max = Math.max(...bars.map(({ value }) => value));
  if (max <= 0) return { height: row, content: [text(20, 16, `${name}: 0 for all`)] };
  const rows = bars.flatMap(({ label, value }, i) => {
    const y = 32 + i * row;
    const width = round((Math.max(0, value) / max) * (right - left));
    return [
      text(left - 10, y + 15, label, 'text-anchor="end"'),
      `<rect x="${left}" y="${y}" width="${width}" height="20" class="fill${i % LIGHT.length}"/>`,
      text(left + width + 8, y + 15, formatAmount(value, unit)),
    ];
  });
  return {
    height: 56 + bars.length * row,
    content: [text(20, 16, name, 'class="panel"'), ...rows],
  };
}

/** Where values are on an axis, from 0 to 1, and which are written beside it. */
function axis(values: readonly number[]): { place(value: number): number; ticks: number[] } {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  if (min > 0 && max / min >= DECADES_FROM) {
    const [first, last] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
    const ticks = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
    return { ticks, place: (value) => (Math.log10(value) - first) / (last - first) };
  }
  const start = Math.min(0, min);
  const decade = 10 ** Math.floor(Math.log10((max - start || 1) / 5));
  const step = decade * ([1, 2, 5].find((factor) => factor * decade * 5 >= max - start) ?? 10);
  const [first, last] = [Math.floor(start / step), Math.max(1, Math.ceil(max / step))];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return { ticks, place: (value) => (value / step - first) / (last - first) };
}

const text = (x: number, y: number, words: string, attributes = '') =>
  `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escape(words)}</text>`;

const named = ({ name, unit }: { name: string; unit: string }) =>
  unit === '' ? name : `${name} (${unit})`;

/** To a hundredth of a pixel. */
const round = (value: number) => Math.round(value * 100) / 100;

const escape = (words: string) =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
