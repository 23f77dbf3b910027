import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { formatAmount, isMet } from '../../../bench/report/figures';
import { readOptions } from '../../../bench/report/options';
import { figuresPage } from '../../../bench/report/page';
import { runAll } from '../../../bench/report/runAll';
import { saveCharts, saveReport } from '../../../bench/report/save';
import { table } from '../../../bench/report/table';
import type { Outcome, Report } from '../../../bench/report/types';
import { median, percentile } from '../../../bench/measure/statistics';
import type { Figure, Result, Run, Scenario } from '../../../bench/types';

const figures: Figure[] = [
  { name: 'Fast', value: 123_456, unit: 'events/s', target: { is: 'at least', value: 100_000 } },
  { name: 'Slow', value: 61.239, unit: 'ms', target: { is: 'at most', value: 50 } },
  { name: 'Told', value: 3, unit: '' },
];

function scenario(name: string, run: (run: Run) => Promise<Result>, quick = true): Scenario {
  return { name, title: `Title of ${name}`, quick, run };
}

const good = (name: string) => scenario(name, async () => ({ figures }));

function start(
  scenarios: Scenario[],
  stopping = new AbortController(),
  repeat = 1,
): Promise<Outcome[]> {
  let now = 0;
  return runAll({
    scenarios,
    quick: true,
    repeat,
    step: () => {},
    progress: () => {},
    signal: stopping.signal,
    now: () => (now += 1_500),
    commit: 'abc',
    load: () => 0.5,
  });
}

describe('running', () => {
  it('runs one scenario after the other, also after a failure', async () => {
    let running = 0;
    const alone = (name: string) =>
      scenario(name, async () => {
        running += 1;
        await new Promise(setImmediate);
        if (running !== 1) throw new Error('not alone');
        running -= 1;
        return { figures: [] };
      });
    const bad = scenario('bad', async () => Promise.reject(new Error('no n8n')));
    const outcomes = await start([alone('a'), bad, alone('c')]);
    expect(outcomes).toMatchObject([
      { name: 'a', result: { figures: [] }, seconds: 1.5, commit: 'abc', loadBefore: 0.5 },
      { name: 'bad', error: expect.stringContaining('no n8n') as string },
      { name: 'c', result: { figures: [] } },
    ]);
  });

  it('stops when aborted, without the unfinished scenario', async () => {
    const stopping = new AbortController();
    const asked: string[] = [];
    const stops = scenario('b', async ({ signal }) => {
      asked.push('b');
      stopping.abort();
      signal.throwIfAborted();
      return { figures };
    });
    const never = scenario('c', async () => {
      asked.push('c');
      return { figures };
    });
    const outcomes = await start([good('a'), stops, never], stopping);
    expect(outcomes.map(({ name }) => name)).toEqual(['a']);
    expect(asked).toEqual(['b']);
  });
});

describe('repeating', () => {
  const next = (values: number[]) => ({
    figures: [{ name: 'F', value: values.shift()!, unit: '' }],
  });

  it('runs in rounds, and keeps medians and the values of all runs', async () => {
    const ran: string[] = [];
    const counting = (name: string, values: number[]) =>
      scenario(name, async () => (ran.push(name), next(values)));
    const outcomes = await start(
      [counting('a', [5, 1, 2]), counting('b', [7, 7, 9])],
      undefined,
      3,
    );
    expect(ran).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    expect(outcomes.map(({ result, seconds }) => [seconds, result?.figures[0]])).toEqual([
      [4.5, { name: 'F', value: 2, unit: '', runs: [5, 1, 2] }],
      [4.5, { name: 'F', value: 7, unit: '', runs: [7, 7, 9] }],
    ]);
    expect(table(outcomes, false)).toContain('2 (1 to 5)');
  });

  it('keeps what was measured, and says so, when one of the runs failed', async () => {
    const values = [1, 2];
    const fails = scenario('a', async () => {
      if (values.length === 0) throw new Error('no n8n');
      return next(values);
    });
    const [outcome] = await start([fails], undefined, 3);
    expect(outcome?.error).toContain('no n8n');
    expect(outcome?.result?.figures[0]?.runs).toEqual([1, 2]);
  });
});

describe('the command line', () => {
  const all = [good('a'), scenario('slow', async () => ({ figures }), false), good('c')];
  const names = (...args: string[]) => readOptions(args, all).scenarios.map(({ name }) => name);

  it('selects scenarios, in the order of the report', () => {
    expect(names()).toEqual(['a', 'slow', 'c']);
    expect(names('--quick')).toEqual(['a', 'c']);
    expect(names('--only', 'c, a')).toEqual(['a', 'c']);
    // Who names one wants it, quick or not.
    expect(names('--quick', '--only=slow')).toEqual(['slow']);
  });

  it('repeats three times for a comparison, which one run does not allow', () => {
    const repeat = (...args: string[]) => readOptions(args, all).repeat;
    expect([repeat(), repeat('--repeat', '5'), repeat('--compare', 'x.json')]).toEqual([1, 5, 3]);
    expect(() => repeat('--compare', 'x.json', '--repeat', '1')).toThrow('--repeat');
    expect(() => repeat('--repeat', 'often')).toThrow('--repeat');
  });

  it('lists the scenarios when a name is unknown', () => {
    expect(() => names('--only', 'x')).toThrow('There is no scenario "x". There are: a, slow, c');
    expect(() => names('--fast')).toThrow('--fast');
  });
});

describe('the table', () => {
  const outcome = { ...about('a'), result: { figures, remarks: ['Mind the gap.'] } };

  it('shows each figure with its target, and marks misses', () => {
    const lines = table([outcome], false).split('\n');
    expect(lines.find((line) => line.includes('Fast'))).toMatch(
      /123,456 events\/s +at least 100,000 events\/s +met$/,
    );
    expect(lines.find((line) => line.includes('Slow'))).toMatch(
      /61\.2 ms +at most 50 ms .*MISSED$/,
    );
    expect(lines.find((line) => line.includes('Told'))).toMatch(/3$/);
    expect(lines.at(-1)).toContain('Mind the gap.');
    expect(table([outcome], true)).toContain('\u001b[31m');
  });

  it('shows why a scenario failed', () => {
    expect(table([{ ...about('a'), error: 'no n8n' }], false)).toContain('FAILED: no n8n');
  });
});

describe('saving', () => {
  const machine = { cores: 2, cpu: 'x', memoryGb: 8, system: 's', node: '24', n8n: '2' };
  const at = new Date('2025-01-02T03:04:05.678Z');
  const order = ['a', 'b', 'c'];
  const report = (...outcomes: Outcome[]): Report => ({ machine, command: 'c', outcomes });
  const done = (name: string, value: number): Outcome => ({
    ...about(name),
    result: { figures: [{ name: 'F', value, unit: '' }] },
  });
  const save = (folder: string, saved: Report) =>
    saveReport(folder, saved, at, order, join(folder, 'page.md'));
  const read = (folder: string) =>
    JSON.parse(readFileSync(join(folder, 'latest.json'), 'utf8')) as Report;
  const values = ({ outcomes }: Report) =>
    outcomes.map(({ name, result }) => [name, result?.figures[0]?.value]);

  it('keeps the latest outcome of each scenario, in the order of the report', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    save(folder, report(done('a', 1), done('c', 1)));
    const files = save(folder, report(done('b', 2), done('c', 2)));
    expect(files[0]).toBe(join(folder, '2025-01-02T03-04-05Z.json'));
    expect(values(JSON.parse(readFileSync(String(files[0]), 'utf8')) as Report)).toEqual([
      ['b', 2],
      ['c', 2],
    ]);
    expect(values(read(folder))).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 2],
    ]);
  });

  it('keeps a full outcome when a quick run follows', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    save(folder, report(done('a', 1), { ...done('b', 1), quick: true }));
    const quick = [done('a', 2), done('b', 2)].map((outcome) => ({ ...outcome, quick: true }));
    save(folder, report(...quick));
    expect(values(read(folder))).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  it('drops outcomes of another machine', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    save(folder, report(done('a', 1)));
    const other = { ...report(done('b', 2)), machine: { ...machine, cores: 64 } };
    save(folder, other);
    expect(values(read(folder))).toEqual([['b', 2]]);
  });

  it('writes a page with the figures of full runs', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const page = () => readFileSync(join(folder, 'page.md'), 'utf8');
    save(folder, report({ ...about('a'), result: { figures, remarks: ['Mind the gap.'] } }));
    expect(page()).toContain('| Slow | 61.2 ms | at most 50 ms | **missed** |');
    expect(page()).toContain('- Mind the gap.');
    const before = page();
    save(folder, report({ ...done('b', 1), quick: true }));
    expect(page()).toBe(before);
  });

  it('puts a limit beside what it bounds, where both were measured', () => {
    const of = (reader: string, value: number) => ({ name: `1 action a frame: ${reader}`, value, unit: 'actions/s' }); // prettier-ignore
    const both = {
      ...about('triggerAlone'),
      result: { figures: [of('trigger', 1), of('bare parser', 4)] },
    };
    const page = figuresPage(report(both, { ...about('linkedCrowd'), result: { figures } }));
    expect(page).toMatch(
      /Trigger alone, 1 action a frame \| 1 actions\/s \| 4 actions\/s: .* \| 0\.25× \|/,
    );
    expect(page).not.toContain('Calls while');
  });

  it('draws charts of full runs only', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const compared = ['x', 'y'].map((label) => ({ name: `G: ${label}`, value: 1, unit: 'ms' }));
    const full = { ...about('a'), result: { figures: compared } };
    saveCharts(folder, report(full, { ...full, name: 'b', quick: true }, done('c', 1)));
    expect(readdirSync(folder)).toEqual(['bench-a.svg']);
    const sustained = ['x', 'y'].map((label) => ({ name: `Sustained events: ${label}`, value: 1, unit: '' })); // prettier-ignore
    const maximum = { ...about('maximum'), result: { figures: [...compared, ...sustained] } };
    const files = saveCharts(folder, report(maximum));
    expect(files.map((file) => basename(file))).toEqual(['bench-maximum.svg', 'bench-small.svg']);
    expect(readFileSync(files[1]!, 'utf8')).not.toContain('>G<');
  });
});

it('a figure meets its target, or has none', () => {
  expect(figures.map(isMet)).toEqual([true, false, undefined]);
  const exactly = { name: '', value: 50, unit: '' };
  expect(isMet({ ...exactly, target: { is: 'at most', value: 50 } })).toBe(true);
  expect(isMet({ ...exactly, target: { is: 'at least', value: 50 } })).toBe(true);
});

it.each([
  [123_456.7, 'events/s', '123,457 events/s'],
  [999.4, 'ms', '999 ms'],
  [61.239, 'ms', '61.2 ms'],
  [0.20731, 'ms', '0.207 ms'],
  [0.0000123, 's', '0.0000123 s'],
  [2.25, '×', '2.25×'],
  [0, '', '0'],
])('formats %d %s', (value, unit, written) => {
  expect(formatAmount(value, unit)).toBe(written);
});

it('the median and the percentile do not depend on the order', () => {
  const shuffled = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1);
  expect(median(shuffled)).toBe(50.5);
  expect(median([3, 1, 2])).toBe(2);
  expect(percentile(shuffled, 0.99)).toBe(99);
  expect(percentile([5], 0.01)).toBe(5);
  expect(() => median([])).toThrow(RangeError);
});

function about(name: string): Omit<Outcome, 'result' | 'error'> {
  const title = `Title of ${name}`;
  return { name, title, quick: false, at: '', seconds: 1, commit: 'abc', loadBefore: 0 };
}
