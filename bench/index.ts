import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgress } from '../tools/progress';
import { repositoryFolder } from '../tools/n8n/node24';
import { compare, verdictText } from './report/compare';
import { isMet } from './report/figures';
import { currentCommit, currentLoad, describeMachine } from './report/machine';
import { readOptions } from './report/options';
import { runAll } from './report/runAll';
import { saveCharts, saveReport } from './report/save';
import { table } from './report/table';
import type { Outcome, Report } from './report/types';
import { scenarios } from './scenarios';

const resultsFolder = join(repositoryFolder, 'bench', 'results');
const imagesFolder = join(repositoryFolder, 'docs', 'images');
const page = join(repositoryFolder, 'docs', 'benchmark-figures.md');
const INTERRUPTED = 130;
/** Ctrl-C arrives twice, directly and through npm. Within this time the second signal is the same Ctrl-C. */
const SAME_SIGNAL_MS = 1_000;

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args, scenarios);
  if (options.list) {
    for (const { name, title, quick } of options.scenarios) {
      console.log(`  ${name.padEnd(14)} ${title}${quick ? '' : ' (not in a quick run)'}`);
    }
    return 0;
  }

  const earlier = options.compare === undefined ? undefined : readReport(options.compare);
  const progress = createProgress();
  const signal = stopOnSignals(() => progress.done());
  const outcomes = await runAll({
    scenarios: options.scenarios,
    quick: options.quick,
    repeat: options.repeat,
    step: progress.step,
    progress: progress.update,
    signal,
    now: Date.now,
    commit: currentCommit(),
    load: currentLoad,
  });
  progress.done();
  // What an interrupted run has measured stays.
  if (outcomes.length === 0) return INTERRUPTED;
  console.log(`\n${table(outcomes, Boolean(process.stdout.isTTY))}\n`);

  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const report: Report = { machine: describeMachine(), command, outcomes };
  const order = scenarios.map(({ name }) => name);
  const files = saveReport(resultsFolder, report, new Date(), order, page);
  files.push(...saveCharts(imagesFolder, report));
  for (const file of files) console.log(`  ${file}`);
  console.log(`\n  ${conclusion(outcomes)}`);
  const verdict = earlier && compare(earlier, report);
  if (verdict) console.log(`\n  ${verdictText(verdict)}`);
  if (signal.aborted) return INTERRUPTED;
  const isBad = outcomes.some(({ error }) => error !== undefined) || verdict?.worse.length;
  return isBad ? 1 : 0;
}

/** @throws Error for the user when the file is no report */
function readReport(file: string): Report {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    if (!Array.isArray(report.outcomes)) throw new Error('it has no outcomes');
    return report;
  } catch (error) {
    throw new Error(`${file} is no report of a benchmark: ${(error as Error).message}`);
  }
}

/** Missed targets do not change the exit code, because timings on a busy machine prove nothing. */
function conclusion(outcomes: readonly Outcome[]): string {
  const verdicts = outcomes.flatMap(({ result }) => (result?.figures ?? []).map(isMet));
  const count = (wanted: boolean) => verdicts.filter((verdict) => verdict === wanted).length;
  const failed = outcomes.filter(({ error }) => error !== undefined).length;
  const scenariosFailed = failed > 0 ? `, ${failed} scenarios FAILED` : '';
  const minutes = Math.round(outcomes.reduce((sum, { seconds }) => sum + seconds, 0) / 60);
  return `${count(true)} targets met, ${count(false)} missed${scenariosFailed}, in ${minutes} minutes.`;
}

function stopOnSignals(onStop: () => void): AbortSignal {
  const stopping = new AbortController();
  let firstAt = 0;
  const stop = () => {
    if (firstAt === 0) {
      firstAt = Date.now();
      onStop();
      console.log('\n  Stopping…');
      stopping.abort();
    } else if (Date.now() - firstAt > SAME_SIGNAL_MS) {
      process.exit(INTERRUPTED);
    }
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  return stopping.signal;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(`\n  ${error.message}\n`);
    process.exit(1);
  },
);
