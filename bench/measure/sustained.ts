import { DEFAULTS } from '../../nodes/AutoplayStreamTrigger/options';
import type { Curve, Run } from '../types';
import { amount, latency } from './figures';
import { measureFlow, sessionsWithConversations, type FlowRun, type FlowStage } from './flow';
import { backlogGrowth } from './growth';
import { findHighest, type StepsFound } from './steps';

/** The limit of n8n's heap, in MB: a larger one, because more events wait at such rates. */
export const SUSTAINED_HEAP_MB = 1_024;
/** The limits of keeping up. */
const P99_MS = 10_000;
const BACKLOG_GROWTH = 1.2;
/** Time to finish the work that the step before has left, such as redactions. */
const LEFT_MS = 75_000;
/** Seconds of load that do not count as a backlog: the trigger gathers visitors who never pause for this long. */
const BACKLOG_FLOOR_S = DEFAULTS.longestWait / 1_000;

/** What each rate is tried with. */
export interface Trial {
  sessions: number;
  /** Not measured: the backlog grows until as many events leave as arrive. */
  rampS: number;
  halfS: number;
}

/** The rates to try, see `findHighest`. */
export interface Rates {
  steps: readonly number[];
  narrowings: number;
}

export interface SustainedStage extends FlowStage {
  /** Resolves once no work is left, or after `mostMs`. */
  finished(mostMs: number, signal: AbortSignal): Promise<void>;
}

export interface Step {
  rate: number;
  run: FlowRun;
  /** Why the rate was not sustained; '' when it was. */
  failed: string;
}

/** The highest sustained rate, and all steps in the order in which they were tried. */
export type Sustained = StepsFound & { steps: Step[] };

/** What counts as sustained, in a sentence. */
export function whatIsSustained({ rampS, halfS }: Trial): string {
  return `A rate is sustained when everything comes into notes, once and in order, 99 of 100 within ${P99_MS / 1_000} s, and the backlog is on average no more than ${BACKLOG_GROWTH} times as large in the second ${halfS} s as in the first, after ${rampS} s to get going. What comes in ${BACKLOG_FLOOR_S} s is no backlog.`;
}

/** Finds the highest rate that a stage sustains. */
export async function findSustained(
  stage: SustainedStage,
  run: Run,
  { steps: rates, narrowings }: Rates,
  trial: Trial,
): Promise<Sustained> {
  const steps: Step[] = [];
  const found = await findHighest({
    steps: rates,
    narrowings,
    async holds(rate) {
      run.progress(`${amount(rate)} events/s`);
      const measured = await measureStep(stage, run, rate, trial);
      const failed = whatFailed(measured, rate, trial);
      steps.push({ rate, run: measured, failed });
      return failed === '';
    },
  });
  return { ...found, steps };
}

/** Measures one rate. Each step has new sessions, because long conversations would slow the later steps down. */
export async function measureStep(
  stage: SustainedStage,
  { signal }: Pick<Run, 'signal'>,
  rate: number,
  { sessions, rampS, halfS }: Trial,
): Promise<FlowRun> {
  signal.throwIfAborted();
  await stage.finished(LEFT_MS, signal);
  // Each load takes numbers, so the next one is in the name of no other step.
  const name = `at-${rate}-${stage.takeSerials(0)}`;
  return await measureFlow(stage, sessionsWithConversations(stage, sessions, name), {
    rate,
    seconds: rampS + 2 * halfS,
    waitMs: 90_000,
    // Longer than the poll for unfinished work in queue mode.
    patienceMs: 20_000,
    signal,
  });
}

function whatFailed({ outcome, backlog }: FlowRun, rate: number, { rampS, halfS }: Trial): string {
  const { lost, doubled, disordered } = outcome;
  if (lost > 0) return `${amount(lost)} lost`;
  if (doubled > 0) return `${amount(doubled)} doubled`;
  if (disordered > 0) return `${amount(disordered)} out of order`;
  const p99 = latency(outcome, 0.99);
  if (p99 > P99_MS) return `p99 ${(p99 / 1_000).toFixed(1)} s`;
  const span = { fromMs: rampS * 1_000, toMs: (rampS + 2 * halfS) * 1_000 };
  const grown = backlogGrowth(backlog, span, rate * BACKLOG_FLOOR_S);
  return grown > BACKLOG_GROWTH ? `backlog ${grown.toFixed(2)}×` : '';
}

/** The step at the highest sustained rate; undefined when no rate was sustained. */
export function stepAtHighest({ highest, steps }: Sustained): Step | undefined {
  return steps.findLast(({ rate, failed }) => failed === '' && rate === highest);
}

/** The p99 from event to note over the load. */
export function curveOf(name: string, { steps }: Sustained): Curve {
  const arrived = steps.filter(({ run }) => run.outcome.latencies.length > 0);
  return {
    name,
    x: { name: 'Load', unit: 'events/s' },
    y: { name: 'Event to note, p99', unit: 'ms' },
    points: arrived.map(({ rate, run }) => [rate, latency(run.outcome, 0.99)]),
  };
}

/** All tried rates with what came of each, for a remark. */
export function tried(name: string, { steps }: Sustained): string {
  const all = steps.map(({ rate, failed }) => `${amount(rate)} ${failed || 'held'}`);
  return `${name} ${all.join(', ')}`;
}
