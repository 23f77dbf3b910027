import type { Curve, Result } from '../types';
import { comparisonsOf, formatAmount, formatValue, type Comparison } from './figures';
import { scaleFor } from './scale';
import { COLORS, element, line, movedDown, picture, short, text } from './svg';

const WIDTH = 760;
const TITLE_HEIGHT = 44;
const PLOT = { left: 90, right: 730, top: 62, height: 220 };
/** More dots than this would run into each other. */
const MOST_DOTS = 60;
const BAR = { left: 250, right: 620, height: 20, gap: 10 };

interface Panel {
  height: number;
  content: string;
}

/**
 * The picture of a scenario: curves over the same axes together, and compared figures as bars.
 * Undefined when there is nothing to draw.
 */
export function chartsOf(title: string, { figures, curves = [] }: Result): string | undefined {
  const byAxes = Object.values(
    Object.groupBy(
      curves.filter(({ points }) => points.length > 1),
      ({ x, y }) => JSON.stringify([x, y]),
    ),
  );
  const compared = comparisonsOf(figures);
  const panels = [
    ...byAxes.map((group) => curvePanel(group as [Curve, ...Curve[]])),
    ...compared.filter((one) => !isNothing(one)).map(barPanel),
    ...nothingPanel(compared.filter(isNothing)),
  ];
  if (panels.length === 0) return undefined;
  let y = TITLE_HEIGHT;
  const placed = panels.map(({ height, content }) => {
    const moved = movedDown(y, content);
    y += height;
    return moved;
  });
  return `${picture(WIDTH, y + 10, title, placed.join('\n'))}\n`;
}

function curvePanel(curves: [Curve, ...Curve[]]): Panel {
  const [{ x, y }] = curves;
  const points = curves.flatMap((curve) => curve.points);
  const xScale = scaleFor(points.map(([at]) => at));
  const yScale = scaleFor(points.map(([, value]) => value));
  const { left, right, top, height } = PLOT;
  const bottom = top + height;
  const toX = (value: number) => left + xScale.place(value) * (right - left);
  const toY = (value: number) => bottom - yScale.place(value) * height;

  const grid = [
    ...yScale.ticks.map((tick) => [
      line(left, toY(tick), right, toY(tick), 'grid'),
      text(left - 8, toY(tick) + 4, formatValue(tick), { 'text-anchor': 'end' }),
    ]),
    ...xScale.ticks.map((tick) => [
      line(toX(tick), bottom, toX(tick), bottom + 5, 'axis'),
      text(toX(tick), bottom + 20, formatValue(tick), { 'text-anchor': 'middle' }),
    ]),
    line(left, bottom, right, bottom, 'axis'),
    text((left + right) / 2, bottom + 40, named(x), { 'text-anchor': 'middle' }),
    text(20, 16, named(y), { class: 'panel' }),
  ];
  const drawn = curves.map((curve, i) => {
    const path = [...curve.points]
      .sort(([a], [b]) => a - b)
      .map(([at, value], j) => `${j === 0 ? 'M' : 'L'}${short(toX(at))} ${short(toY(value))}`);
    const color = i % COLORS;
    const isDense = curve.points.length > MOST_DOTS;
    const dots = (isDense ? [] : curve.points).map(([at, value]) =>
      element('circle', { cx: toX(at), cy: toY(value), r: 3, class: `fill${color}` }),
    );
    return [element('path', { d: path.join(''), class: `curve line${color}` }), ...dots];
  });
  const content = [...grid.flat(), ...drawn.flat(), ...legend(curves)];
  return { height: bottom + 62, content: content.join('\n') };
}

/** The curves' names in a row, each behind its color. */
function legend(curves: readonly Curve[]): string[] {
  let x = 20;
  return curves.flatMap(({ name }, i) => {
    const entry = [
      element('rect', { x, y: 31, width: 12, height: 12, class: `fill${i % COLORS}` }),
      text(x + 18, 42, name),
    ];
    // Wide enough for any font; the writer cannot measure text.
    x += 40 + name.length * 7.5;
    return entry;
  });
}

/** Bars of nothing would take the most room in the picture of a run in which nothing went wrong. */
function isNothing({ bars }: Comparison): boolean {
  return bars.every(({ value }) => value === 0);
}

function nothingPanel(comparisons: readonly Comparison[]): Panel[] {
  if (comparisons.length === 0) return [];
  const rows = comparisons.map(({ name }, i) => text(20, 38 + i * 20, name));
  const content = [text(20, 16, '0 for all', { class: 'panel' }), ...rows].join('\n');
  return [{ height: 32 + comparisons.length * 20 + 12, content }];
}

/** Bars begin at 0: one that is twice as long stands for twice as much. */
function barPanel({ name, unit, bars }: Comparison): Panel {
  const max = Math.max(...bars.map(({ value }) => value)) || 1;
  const rows = bars.map(({ label, value }, i) => {
    const y = 32 + i * (BAR.height + BAR.gap);
    const width = Math.max(1, (Math.max(0, value) / max) * (BAR.right - BAR.left));
    return [
      text(BAR.left - 10, y + 15, label, { 'text-anchor': 'end' }),
      element('rect', {
        x: BAR.left,
        y,
        width,
        height: BAR.height,
        rx: 2,
        class: `fill${i % COLORS}`,
      }),
      text(BAR.left + width + 8, y + 15, formatAmount(value, unit)),
    ].join('\n');
  });
  const height = 32 + bars.length * (BAR.height + BAR.gap) + 24;
  return { height, content: [text(20, 16, name, { class: 'panel' }), ...rows].join('\n') };
}

function named({ name, unit }: { name: string; unit: string }): string {
  return unit === '' ? name : `${name} (${unit})`;
}
