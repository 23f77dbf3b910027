import type { Figure } from '../types';

/** Whether the figure meets its target; undefined without one. */
export function isMet({ value, target }: Figure): boolean | undefined {
  if (!target) return undefined;
  return target.is === 'at least' ? value >= target.value : value <= target.value;
}

/** The figure of another run that is the same one; undefined if that run did not measure it. */
export function sameFigure(figures: readonly Figure[], { name, unit }: Figure): Figure | undefined {
  return figures.find((figure) => figure.name === name && figure.unit === unit);
}

/** The value with three significant digits and separated thousands. */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  if (size >= 1_000) return Math.round(value).toLocaleString('en-US');
  if (Number.isInteger(value) || size < 0.001) return String(Number(value.toPrecision(3)));
  return String(Number(value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(size))))));
}

export function formatAmount(value: number, unit: string): string {
  if (unit === '') return formatValue(value);
  return unit === '×' ? `${formatValue(value)}×` : `${formatValue(value)} ${unit}`;
}

/** Figures to show side by side. */
export interface Comparison {
  name: string;
  unit: string;
  bars: Array<{ label: string; value: number }>;
}

/** Groups figures named `group: label` by group and unit. */
export function comparisonsOf(figures: readonly Figure[]): Comparison[] {
  const groups = new Map<string, Comparison>();
  for (const { name, value, unit } of figures) {
    const [, group, label] = /^(.+?): (.+)$/.exec(name) ?? [];
    if (group === undefined || label === undefined) continue;
    const key = JSON.stringify([group, unit]);
    const comparison = groups.get(key) ?? { name: group, unit, bars: [] };
    comparison.bars.push({ label, value });
    groups.set(key, comparison);
  }
  return [...groups.values()].filter(({ bars }) => bars.length > 1);
}
