import { DEFAULTS } from '../../nodes/AutoplayStreamTrigger/options';
import { profiled, type Profiled } from '../measure/cost';
import { amount, atLeast, latency, reported } from '../measure/figures';
import { measureFlow, sessionsWithConversations, type FlowRun } from '../measure/flow';
import { backlogGrowth } from '../measure/growth';
import { withStage, type Stage } from '../measure/stage';
import { findHighest, type StepsFound } from '../measure/steps';
import type { Curve, Figure, Run, Scenario } from '../types';

const SESSIONS = 200;
/** A larger heap, because more events wait at such rates. */
const HEAP_MB = 1_024;
/** Not measured: the backlog grows until as many events leave as arrive. */
const RAMP_S = 15;
/** Each measured half is as long as two of Intercom's windows, so that both halves see the same limits. */
const HALF_S = 20;
/** The limits of keeping up. */
const P99_MS = 10_000;
const BACKLOG_GROWTH = 1.2;
/** Time to finish the work that the step before has left, such as redactions. */
const LEFT_MS = 75_000;
/** Seconds of load that do not count as a backlog: the trigger gathers visitors who never pause for this long. */
const BACKLOG_FLOOR_S = DEFAULTS.longestWait / 1_000;

interface Search {
  steps: readonly number[];
  narrowings: number;
}

const OURS: Search = {
  steps: [1_000, 5_000, 10_000, 15_000, 20_000, 30_000],
  narrowings: 2,
};
const SSE: Search = { steps: [10, 20, 40, 80], narrowings: 2 };
const QUICK: Search = { steps: [500, 2_000, 5_000], narrowings: 0 };

interface Step {
  rate: number;
  run: FlowRun;
  /** Why the rate was not sustained; '' when it was. */
  failed: string;
}

/** The highest sustained rate, and what limits it. */
export const maximum: Scenario = {
  name: 'maximum',
  title: 'Sustained maximum: 200 linked sessions, Intercom answers in 100 ms',
  quick: false,
  async run(run) {
    const ours = await withStage({ workflow: 'intercom', heapMb: HEAP_MB }, run, async (stage) => {
      const found = await search(stage, run, run.quick ? QUICK : OURS);
      const rate = found.highest || found.tried[0]!.rate;
      run.progress(`a profile at ${rate} events/s`);
      return { ...found, profile: await profileAt(stage, run, rate) };
    });
    const sse = run.quick
      ? undefined
      : await withStage({ workflow: 'sse' }, run, (stage) => search(stage, run, SSE));
    return {
      figures: [
        atLeast(`Sustained events: ${US}`, ours.highest, 'events/s', 10_000),
        ...(sse ? [reported(`Sustained events: ${THEM}`, sse.highest, 'events/s')] : []),
        ...(sse && sse.highest > 0
          ? [atLeast('Of the SSE Trigger’s', ours.highest / sse.highest, '×', 400)]
          : []),
        ...atTheMaximum(ours),
        ...ours.profile.figures,
      ],
      curves: [...curvesOf(US, ours.steps), ...(sse ? curvesOf(THEM, sse.steps) : [])],
      remarks: [
        `A rate is sustained when everything comes into notes, once and in order, 99 of 100 within ${P99_MS / 1_000} s, and the backlog is on average no more than ${BACKLOG_GROWTH} times as large in the second ${HALF_S} s as in the first, after ${RAMP_S} s to get going. What comes in ${BACKLOG_FLOOR_S} s is no backlog.`,
        `Tried: ${tried(US, ours.steps)}${sse ? `; ${tried(THEM, sse.steps)}` : ''}.`,
        ...ours.profile.remarks,
        'The sender of the events and the simulators are one process, on whatever core n8n leaves.',
      ],
    };
  },
};

const US = 'this package';
const THEM = 'SSE Trigger';

async function search(
  stage: Stage,
  run: Run,
  { steps: rates, narrowings }: Search,
): Promise<StepsFound & { steps: Step[] }> {
  const steps: Step[] = [];
  const found = await findHighest({
    steps: rates,
    narrowings,
    async holds(rate) {
      run.progress(`${rate} events/s`);
      const measured = await measureStep(stage, run, rate, `at-${rate}-${steps.length}`);
      const failed = whatFailed(measured, rate);
      steps.push({ rate, run: measured, failed });
      return failed === '';
    },
  });
  return { ...found, steps };
}

/** Each step has new sessions, because long conversations would slow the later steps down. */
async function measureStep(
  stage: Stage,
  { signal }: Run,
  rate: number,
  name: string,
): Promise<FlowRun> {
  signal.throwIfAborted();
  await stage.finished(LEFT_MS, signal);
  return await measureFlow(stage, sessionsWithConversations(stage, SESSIONS, name), {
    rate,
    seconds: RAMP_S + 2 * HALF_S,
    waitMs: 90_000,
    patienceMs: 10_000,
    signal,
  });
}

function whatFailed({ outcome, backlog }: FlowRun, rate: number): string {
  const { lost, doubled, disordered } = outcome;
  if (lost > 0) return `${amount(lost)} lost`;
  if (doubled > 0) return `${amount(doubled)} doubled`;
  if (disordered > 0) return `${amount(disordered)} out of order`;
  const p99 = latency(outcome, 0.99);
  if (p99 > P99_MS) return `p99 ${(p99 / 1_000).toFixed(1)} s`;
  const span = { fromMs: RAMP_S * 1_000, toMs: (RAMP_S + 2 * HALF_S) * 1_000 };
  const grown = backlogGrowth(backlog, span, rate * BACKLOG_FLOOR_S);
  return grown > BACKLOG_GROWTH ? `backlog ${grown.toFixed(2)}×` : '';
}

async function profileAt(stage: Stage, run: Run, rate: number): Promise<Profiled> {
  return await profiled(
    stage,
    `CPU per event at ${amount(rate)} events/s`,
    async () => await measureStep(stage, run, rate, 'profiled'),
  );
}

/** Figures at the highest sustained rate; empty without one. */
function atTheMaximum({ highest, steps }: StepsFound & { steps: Step[] }): Figure[] {
  const at = steps.findLast(({ rate, failed }) => failed === '' && rate === highest);
  if (!at) return [];
  const { outcome, usage, senderCores } = at.run;
  return [
    reported('At that rate, event to note, p50', latency(outcome, 0.5), 'ms'),
    reported('At that rate, event to note, p99', latency(outcome, 0.99), 'ms'),
    reported("At that rate, n8n's memory at most", Math.max(...usage.rssMb), 'MB'),
    reported('At that rate, CPU of n8n', usage.cpuMs / usage.wallMs, 'cores'),
    reported("At that rate, CPU of n8n's event loop", usage.mainThreadMs / usage.wallMs, 'cores'),
    reported('At that rate, CPU of sender and simulators', senderCores, 'cores'),
  ];
}

function curvesOf(who: string, steps: readonly Step[]): Curve[] {
  const x = { name: 'Load', unit: 'events/s' };
  const y = { name: 'Event to note, p99', unit: 'ms' };
  const arrived = steps.filter(({ run }) => run.outcome.latencies.length > 0);
  const points = arrived.map(({ rate, run }): [number, number] => [
    rate,
    latency(run.outcome, 0.99),
  ]);
  return [{ name: who, x, y, points }];
}

function tried(who: string, steps: readonly Step[]): string {
  const all = steps.map(({ rate, failed }) => `${amount(rate)} ${failed || 'held'}`);
  return `${who} ${all.join(', ')}`;
}
