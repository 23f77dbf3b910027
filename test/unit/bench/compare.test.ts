import { compare, verdictText } from '../../../bench/report/compare';
import type { Outcome, Report } from '../../../bench/report/types';
import { median } from '../../../bench/measure/statistics';
import type { Figure } from '../../../bench/types';

const machine = { cores: 2, cpu: 'x', memoryGb: 8, system: 's', node: '24', n8n: '2' };

function figure(name: string, unit: string, runs: number[], target?: Figure['target']): Figure {
  return { name, unit, value: median(runs), runs, ...(target && { target }) };
}

function report(figures: Figure[], more: Partial<Outcome> = {}): Report {
  const about = { name: 'a', title: 'A', quick: true, at: '', seconds: 1, commit: 'c' };
  const outcome = { ...about, loadBefore: 0, result: { figures }, ...more };
  return { machine, command: 'c', outcomes: [outcome] };
}

const worse = (earlier: Report, now: Report) =>
  compare(earlier, now).worse.map(({ figure: name }) => name);

it('finds what is worse than any run before by more than the runs differ', () => {
  const earlier = report([
    figure('far', 'ms', [100, 104, 102]),
    figure('near', 'ms', [100, 104, 102]),
    figure('scattered', 'ms', [100, 130, 102]),
    figure('rate', 'events/s', [1_000, 990, 995]),
    figure('better', 'ms', [100, 101, 102]),
  ]);
  const now = report([
    figure('far', 'ms', [110, 112, 111]),
    figure('near', 'ms', [105, 106, 105]),
    figure('scattered', 'ms', [110, 112, 111]),
    figure('rate', 'events/s', [900, 901, 899]),
    figure('better', 'ms', [50, 51, 52]),
  ]);
  expect(worse(earlier, now)).toEqual(['far', 'rate']);
  const text = verdictText(compare(earlier, now));
  expect(text).toContain('WORSE  a, far: 102 ms before, 111 ms now (noise 4 ms)');
  expect(text).toContain('5 figures compared, 2 worse.');
});

it('takes the direction from the target where the unit has none', () => {
  const most = { is: 'at most', value: 1 } as const;
  const least = { is: 'at least', value: 1 } as const;
  const figures = (value: number) => [
    figure('cost', '×', [value, value], most),
    figure('gain', '×', [value, value], least),
    figure('lost', '', [value, value], { is: 'at most', value: 0 }),
    figure('notes', '', [value, value]),
  ];
  expect(compare(report(figures(1)), report(figures(2))).compared).toBe(3);
  expect(worse(report(figures(1)), report(figures(2)))).toEqual(['cost', 'lost']);
  expect(worse(report(figures(2)), report(figures(1)))).toEqual(['gain']);
});

it('compares only ratios with another machine', () => {
  const most = { is: 'at most', value: 1 } as const;
  const figures = (value: number) => [
    figure('ratio', '×', [value, value], most),
    figure('time', 'ms', [value, value], most),
  ];
  const earlier = { ...report(figures(1)), machine: { ...machine, cpu: 'y' } };
  const verdict = compare(earlier, report(figures(2)));
  expect(verdict.worse.map(({ figure: name }) => name)).toEqual(['ratio']);
  expect(verdict.remarks[0]).toContain('another machine');
});

it('says which scenarios it cannot compare, and why', () => {
  const one = [figure('time', 'ms', [1, 1])];
  const remarks = (earlier: Report, now: Report) => compare(earlier, now).remarks.join();
  expect(remarks(report(one, { quick: false }), report(one))).toContain(
    'a is not compared: it was full',
  );
  expect(remarks(report(one, { name: 'b' }), report(one))).toContain('not in the earlier report');
  const { result: _, ...failed } = report(one).outcomes[0]!;
  const failure = { ...report(one), outcomes: [{ ...failed, error: 'no n8n' }] };
  expect(remarks(report(one), failure)).toContain('a is not compared: it failed');
  expect(remarks(failure, report(one))).toContain('it failed in the earlier report');
});
