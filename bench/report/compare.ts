import { isDeepStrictEqual } from 'node:util';
import type { Figure } from '../types';
import { formatAmount, sameFigure } from './figures';
import type { Outcome, Report } from './types';

/** Less of these is better; of what is counted by the second, more is. */
const COSTS = ['ms', 's', 'µs', 'MB', 'KB', 'kB', 'bytes', 'cores', '% of a core'];

/** A figure that is worse than before. */
export interface Worse {
  scenario: string;
  figure: string;
  unit: string;
  before: number;
  after: number;
  /** By how much repeated runs of the same code differ. */
  noise: number;
}

export interface Verdict {
  /** How many figures both reports have, of which it is known what is better. */
  compared: number;
  worse: Worse[];
  /** What a reader must know, a sentence each. */
  remarks: string[];
}

/**
 * Finds what is worse than in an earlier report by more than its noise: in every run than in any before, and in the
 * median by more than the runs of either report differ. On another machine only ratios are compared.
 */
export function compare(earlier: Report, report: Report): Verdict {
  const remarks: string[] = [];
  const sameMachine = isDeepStrictEqual(earlier.machine, report.machine);
  if (!sameMachine) remarks.push('The earlier report is of another machine: only ratios count.');
  let compared = 0;
  const worse: Worse[] = [];
  for (const { name: scenario, quick, result } of report.outcomes) {
    const before = earlier.outcomes.find(({ name }) => name === scenario);
    const why = before ? notComparable(before, quick) : 'is not in the earlier report';
    if (!result || !before?.result || why) {
      remarks.push(`${scenario} is not compared: it ${result ? why : 'failed'}.`);
      continue;
    }
    for (const figure of result.figures) {
      const old = sameFigure(before.result.figures, figure);
      const sign = costSign(figure);
      if (!old || !sign || (!sameMachine && figure.unit !== '×')) continue;
      compared += 1;
      const [was, is] = [runsOf(old), runsOf(figure)].map((runs) => runs.map((v) => v * sign));
      const noise = Math.max(range(was!), range(is!));
      const isWorse =
        Math.min(...is!) > Math.max(...was!) && (figure.value - old.value) * sign > noise;
      if (!isWorse) continue;
      const [name, unit] = [figure.name, figure.unit];
      worse.push({
        ...{ scenario, figure: name, unit, before: old.value, after: figure.value, noise },
      });
    }
  }
  return { compared, worse, remarks };
}

/** The verdict as lines of text. */
export function verdictText({ compared, worse, remarks }: Verdict): string {
  const lines = worse.map(({ scenario, figure, unit, before, after, noise }) => {
    const [was, is, by] = [before, after, noise].map((value) => formatAmount(value, unit));
    return `WORSE  ${scenario}, ${figure}: ${was} before, ${is} now (noise ${by})`;
  });
  return [...remarks, ...lines, `${compared} figures compared, ${worse.length} worse.`].join(
    '\n  ',
  );
}

function notComparable({ result, quick }: Outcome, isQuick: boolean): string {
  if (!result) return 'failed in the earlier report';
  if (quick !== isQuick) return `was ${quick ? 'quick' : 'full'} in the earlier report`;
  return '';
}

/** 1 where less is better, -1 where more is, 0 where neither is known. */
function costSign({ unit, target }: Figure): -1 | 0 | 1 {
  if (target) return target.is === 'at most' ? 1 : -1;
  if (COSTS.includes(unit)) return 1;
  return unit.endsWith('/s') ? -1 : 0;
}

const runsOf = ({ runs, value }: Figure) => runs ?? [value];

const range = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
