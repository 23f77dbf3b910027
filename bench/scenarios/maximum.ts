import { profiled, type Profiled } from '../measure/cost';
import { amount, atLeast, atMost, latency, reported } from '../measure/figures';
import { withStage, type Stage } from '../measure/stage';
import {
  curveOf,
  findSustained,
  measureStep,
  stepAtHighest,
  SUSTAINED_HEAP_MB,
  tried,
  whatIsSustained,
  type Rates,
  type Sustained,
  type Trial,
} from '../measure/sustained';
import type { Figure, Run, Scenario } from '../types';

/** Each measured half is as long as two of Intercom's windows, so that both halves see the same limits. */
const TRIAL: Trial = { sessions: 200, rampS: 10, halfS: 20 };

/** The rate of the aim, which is the first step. */
const AIM = 10_000;
const AIM_P50_MS = 2_500;
const OURS: Rates = { steps: [AIM, 20_000, 30_000, 40_000], narrowings: 1 };
const SSE: Rates = { steps: [10, 20, 40, 80], narrowings: 1 };
const QUICK: Rates = { steps: [500, 2_000, 5_000], narrowings: 0 };

/** The highest sustained rate, and what limits it. */
export const maximum: Scenario = {
  name: 'maximum',
  title: 'Sustained maximum: 200 linked sessions, Intercom answers in 100 ms',
  quick: false,
  async run(run) {
    const ours = await withStage(
      { workflow: 'intercom', heapMb: SUSTAINED_HEAP_MB },
      run,
      async (stage) => {
        const found = await findSustained(stage, run, run.quick ? QUICK : OURS, TRIAL);
        const rate = found.highest || found.tried[0]!.rate;
        run.progress(`a profile at ${rate} events/s`);
        return { ...found, profile: await profileAt(stage, run, rate) };
      },
    );
    const sse = run.quick
      ? undefined
      : await withStage({ workflow: 'sse' }, run, (stage) => findSustained(stage, run, SSE, TRIAL));
    return {
      figures: [
        atLeast(`Sustained events: ${US}`, ours.highest, 'events/s', AIM),
        ...(sse ? [reported(`Sustained events: ${THEM}`, sse.highest, 'events/s')] : []),
        ...(sse && sse.highest > 0
          ? [atLeast('Of the SSE Trigger’s', ours.highest / sse.highest, '×', 400)]
          : []),
        ...atTheAim(ours),
        ...atTheMaximum(ours),
        ...ours.profile.figures,
      ],
      curves: [curveOf(US, ours), ...(sse ? [curveOf(THEM, sse)] : [])],
      remarks: [
        whatIsSustained(TRIAL),
        `Tried: ${tried(US, ours)}${sse ? `; ${tried(THEM, sse)}` : ''}.`,
        ...ours.profile.remarks,
        'The sender of the events and the simulators are one process, on whatever core n8n leaves.',
      ],
    };
  },
};

const US = 'this package';
const THEM = 'SSE Trigger';

async function profileAt(stage: Stage, run: Run, rate: number): Promise<Profiled> {
  return await profiled(
    stage,
    `CPU per event at ${amount(rate)} events/s`,
    async () => await measureStep(stage, run, rate, TRIAL),
  );
}

/** Empty where the aim is not among the rates, or no note came. */
function atTheAim({ steps }: Sustained): Figure[] {
  const outcome = steps.find(({ rate }) => rate === AIM)?.run.outcome;
  if (!outcome || outcome.latencies.length === 0) return [];
  const name = `At ${amount(AIM)} events/s, event to note`;
  return [
    atMost(`${name}, p50`, latency(outcome, 0.5), 'ms', AIM_P50_MS),
    reported(`${name}, p99`, latency(outcome, 0.99), 'ms'),
  ];
}

/** Figures at the highest sustained rate; empty without one. */
function atTheMaximum(sustained: Sustained): Figure[] {
  const at = stepAtHighest(sustained);
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
