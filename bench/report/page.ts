import { formatAmount, isMet } from './figures';
import { limitRows } from './limits';
import type { Outcome, Report } from './types';

/** A page with every figure of a report's full runs, in Markdown. */
export function figuresPage({ machine, outcomes }: Report): string {
  const full = outcomes.filter(({ quick, result }) => !quick && result);
  const minutes = Math.round(full.reduce((sum, { seconds }) => sum + seconds, 0) / 60);
  const { cores, cpu, memoryGb, system, node, n8n } = machine;
  return [
    '# Figures of the benchmark',
    '<!-- `npm run bench` writes this page. -->',
    `Measured on ${cores} cores of an ${cpu} with ${memoryGb} GB (${system}), with Node ${node} and n8n ${n8n}, in ${minutes} minutes. ` +
      '[Benchmark](benchmark.md) explains the scenarios. Compare figures of one scenario with each other: another machine has others.',
    ...limits(full),
    ...full.map(section),
    '',
  ].join('\n\n');
}

/** What no code could do better, beside what was measured. */
function limits(outcomes: readonly Outcome[]): string[] {
  const rows = limitRows(outcomes);
  if (rows.length === 0) return [];
  const head = ['| Measured | | Limit | Of the limit |', '| --- | ---: | --- | ---: |'];
  return ['## Limits', [...head, ...rows].join('\n')];
}

function section({ name, title, at, commit, loadBefore, seconds, result }: Outcome): string {
  const rows = result!.figures.map((figure) => {
    const { name: what, value, unit, target } = figure;
    const wanted = target ? `${target.is} ${formatAmount(target.value, unit)}` : '';
    const verdict = isMet(figure) === false ? '**missed**' : '';
    return `| ${[what, formatAmount(value, unit), wanted, verdict].map(cell).join(' | ')} |`;
  });
  return [
    `## ${name}`,
    `${title}. ${at.slice(0, 16).replace('T', ' ')} UTC, commit \`${commit}\`, ${Math.round(seconds)} s, load before ${loadBefore}.`,
    ['| Figure | Measured | Target | |', '| --- | ---: | --- | --- |', ...rows].join('\n'),
    ...(result!.remarks?.length ? [result!.remarks.map((remark) => `- ${remark}`).join('\n')] : []),
  ].join('\n\n');
}

const cell = (text: string) => text.replaceAll('|', '\\|');
