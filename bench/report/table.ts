import { styleText } from 'node:util';
import type { Figure } from '../types';
import { formatAmount, formatValue, isMet } from './figures';
import type { Outcome } from './types';

type Row = readonly [figure: string, value: string, target: string, verdict: string];

const HEAD: Row = ['', 'measured', 'target', ''];

/**
 * All figures, one line each, under the title of their scenario, followed by its remarks.
 *
 * @param color whether the output may be coloured
 */
export function table(outcomes: readonly Outcome[], color: boolean): string {
  const rowsOf = outcomes.map(({ result }) =>
    (result?.figures ?? []).map((figure): Row => {
      const { name, value, unit, target } = figure;
      const wanted = target ? `${target.is} ${formatAmount(target.value, unit)}` : '';
      const verdict = { true: 'met', false: 'MISSED', undefined: '' }[String(isMet(figure))] ?? '';
      return [name, `${formatAmount(value, unit)}${scatter(figure)}`, wanted, verdict];
    }),
  );
  const widths = HEAD.map((_, column) =>
    Math.max(...[HEAD, ...rowsOf.flat()].map((row) => (row[column] as string).length)),
  );
  const line = ([figure, value, target, verdict]: Row) => {
    const [first = 0, second = 0, third = 0] = widths;
    const cells = [figure.padEnd(first), value.padStart(second), target.padEnd(third), verdict];
    const text = `  ${cells.join('  ')}`.trimEnd();
    return color && verdict === 'MISSED' ? styleText('red', text, { validateStream: false }) : text;
  };
  const blocks = outcomes.map(({ name, title, seconds, result, error }, i) => {
    const heading = `${title} (${name}, ${Math.round(seconds)} s)`;
    if (!result) return `${heading}\n  FAILED: ${error ?? 'no reason given'}`;
    const remarks = (result.remarks ?? []).map((remark) => `  ${remark}`);
    return [heading, ...(rowsOf[i] ?? []).map(line), ...remarks].join('\n');
  });
  return [line(HEAD), ...blocks].join('\n\n');
}

/** By how much the runs of a repeated figure differ. */
function scatter({ runs, unit }: Figure): string {
  if (!runs) return '';
  return ` (${[Math.min(...runs), Math.max(...runs)].map(formatValue).join(' to ')}${unit === '' ? '' : ` ${unit}`})`;
}
