import { profiled, type Profiled } from '../measure/cost';
import { amount, latency, reported } from '../measure/figures';
import type { FlowRun } from '../measure/flow';
import { withQueueStage, type QueueStage } from '../measure/queueStage';
import {
  curveOf,
  findSustained,
  measureStep,
  stepAtHighest,
  tried,
  whatIsSustained,
  type Rates,
  type Step,
  type Sustained,
  type Trial,
} from '../measure/sustained';
import type { Figure, Run, Scenario } from '../types';

/** Shorter than in `maximum`, because there are many set-ups. */
const TRIAL: Trial = { sessions: 200, rampS: 5, halfS: 10 };
/** Events a second that every set-up is measured at: the first step of each. */
const COMMON = 500;
/** A larger heap, because more events wait at such rates. */
const HEAP_MB = 1_024;

interface SetUp {
  name: string;
  /** None: regular mode. */
  workers: number;
  rates: Rates;
  /** Whose event loop is profiled at the highest sustained rate. */
  profile?: 'main process' | 'worker';
}

const SET_UPS: readonly SetUp[] = [
  {
    name: 'regular mode',
    workers: 0,
    rates: { steps: [COMMON, 4_000, 8_000], narrowings: 1 },
  },
  {
    name: '1 worker',
    workers: 1,
    rates: { steps: [COMMON, 4_000, 8_000], narrowings: 1 },
    profile: 'worker',
  },
  {
    name: '2 workers',
    workers: 2,
    rates: { steps: [COMMON, 4_000, 8_000], narrowings: 1 },
    profile: 'main process',
  },
  {
    name: '4 workers',
    workers: 4,
    rates: { steps: [COMMON, 4_000, 8_000], narrowings: 1 },
  },
];
const QUICK: Rates = { steps: [COMMON], narrowings: 0 };

interface Measured {
  name: string;
  sustained: Sustained;
  profile: Profiled | undefined;
}

/** How much n8n carries with more workers, and what each process costs. */
export const scaleOut: Scenario = {
  name: 'scaleOut',
  title: 'More workers: 200 linked sessions, the memory in PostgreSQL',
  quick: false,
  async run(run) {
    const measured: Measured[] = [];
    for (const setUp of SET_UPS) measured.push(await measure(setUp, run));
    const each = <T>(of: (one: Measured) => T[]): T[] => measured.flatMap(of);
    return {
      figures: [
        ...each(({ name, sustained }) => [
          reported(`Sustained events: ${name}`, sustained.highest, 'events/s'),
        ]),
        ...each(({ name, sustained }) =>
          atRate(`${amount(COMMON)} events/s`, name, sustained.steps[0]),
        ),
        ...each(({ name, sustained }) => atRate('the highest', name, stepAtHighest(sustained))),
        ...each(({ profile }) => profile?.figures ?? []),
      ],
      curves: measured.map(({ name, sustained }) => curveOf(name, sustained)),
      remarks: [
        whatIsSustained(TRIAL),
        `Tried: ${measured.map(({ name, sustained }) => tried(name, sustained)).join('; ')}.`,
        'The memory and n8n’s own data are in one PostgreSQL server. All processes run on this machine, so together they have no more than its cores.',
        'CPU per event of a part: of all its processes, from the first event to the last note.',
        ...each(({ profile }) => profile?.remarks ?? []),
      ],
    };
  },
};

async function measure(setUp: SetUp, run: Run): Promise<Measured> {
  const { name, workers, rates } = setUp;
  const progress = (text: string) => run.progress(`${name}: ${text}`);
  const here = { ...run, progress };
  return await withQueueStage({ workers, heapMb: HEAP_MB }, here, async (stage) => {
    const sustained = await findSustained(stage, here, run.quick ? QUICK : rates, TRIAL);
    const profile = run.quick ? undefined : await profileOf(setUp, stage, here, sustained.highest);
    return { name, sustained, profile };
  });
}

async function profileOf(
  { name, profile: whose }: SetUp,
  stage: QueueStage,
  run: Run,
  rate: number,
): Promise<Profiled | undefined> {
  if (!whose || rate === 0) return undefined;
  const pid = whose === 'worker' ? stage.workerPids[0]! : stage.pid;
  run.progress(`a profile of the ${whose} at ${amount(rate)} events/s`);
  return await profiled(
    { inspect: () => stage.inspect(pid) },
    `CPU per event of the ${whose}, ${name}, ${amount(rate)} events/s`,
    async () => await measureStep({ ...stage, pid }, run, rate, 'profiled', TRIAL),
  );
}

/** @param load the name of the rate; the figures are named by it */
function atRate(load: string, name: string, step: Step | undefined): Figure[] {
  if (!step) return [];
  const { outcome, usage, parts, senderCores } = step.run;
  const perEvent = (ms: number) => (ms * 1_000) / outcome.sent;
  const cost = `At ${load}, CPU per event, ${name}`;
  const workers = parts.find((part) => part.name === 'workers');
  const wallMs = usage.wallMs + step.run.settling.wallMs;
  return [
    reported(`At ${load}, event to note, p50: ${name}`, latency(outcome, 0.5), 'ms'),
    reported(`At ${load}, event to note, p99: ${name}`, latency(outcome, 0.99), 'ms'),
    ...parts.map((part) => reported(`${cost}: ${part.name}`, perEvent(part.cpuMs), 'µs')),
    reported(`${cost}: sender and simulators`, perEvent(senderCores * usage.wallMs), 'µs'),
    reported(
      `At ${load}, event loop of the main process: ${name}`,
      usage.mainThreadMs / usage.wallMs,
      'cores',
    ),
    ...(workers
      ? [
          reported(
            `At ${load}, busiest event loop of a worker: ${name}`,
            Math.max(...workers.mainThreadsMs) / wallMs,
            'cores',
          ),
        ]
      : []),
    reported(`At ${load}, all CPU: ${name}`, coresOf(step.run), 'cores'),
  ];
}

/** All CPU of all processes while the load lasted, in cores. */
function coresOf({ parts, senderCores, usage, settling }: FlowRun): number {
  const wallMs = usage.wallMs + settling.wallMs;
  return senderCores + parts.reduce((sum, { cpuMs }) => sum + cpuMs / wallMs, 0);
}
