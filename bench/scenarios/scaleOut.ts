import { profiled, type Profiled } from '../measure/cost';
import { amount, atMost, latency, reported } from '../measure/figures';
import { measureFlow, sessionsWithoutConversation, type FlowRun } from '../measure/flow';
import { withQueueStage, type QueueStage } from '../measure/queueStage';
import {
  curveOf,
  findSustained,
  measureStep,
  stepAtHighest,
  SUSTAINED_HEAP_MB,
  tried,
  whatIsSustained,
  type Rates,
  type Step,
  type Sustained,
  type Trial,
} from '../measure/sustained';
import type { Figure, Run, Scenario } from '../types';

/** Shorter than in `maximum`, because there are many set-ups. */
const TRIAL: Trial = { sessions: 200, rampS: 5, halfS: 7 };
/** Events a second that every set-up is measured at: the first step of each. */
const COMMON = 500;
const REGULAR: Rates = { steps: [COMMON, 8_000, 16_000], narrowings: 1 };
const QUICK: Rates = { steps: [COMMON], narrowings: 0 };

/** A set-up of queue mode. */
interface SetUp {
  workers: number;
  /** Whose event loop is profiled at the highest sustained rate. */
  profile?: 'main process' | 'worker';
  /** Also measured with visitors who have no conversation. */
  unlinked?: true;
}

/** In this order: workers are only added. */
const SET_UPS: readonly SetUp[] = [
  { workers: 1, profile: 'worker' },
  { workers: 2, profile: 'main process', unlinked: true },
  { workers: 4 },
];
/** Visitors without a conversation: how many, for how long, and the time to finish afterwards. */
const UNLINKED = { sessions: 5_000, seconds: 15, calmMs: 6_000 };

interface Measured {
  name: string;
  sustained: Sustained;
  /** More figures of this set-up. */
  figures?: Figure[];
  remarks?: string[];
}

/** How much n8n carries with more workers, and what each process costs. */
export const scaleOut: Scenario = {
  name: 'scaleOut',
  title: 'More workers: 200 linked sessions, the memory in PostgreSQL',
  quick: false,
  async run(run) {
    const regular = await withQueueStage(
      { workers: 0, heapMb: SUSTAINED_HEAP_MB },
      run,
      async (stage) => ({
        name: 'regular mode',
        sustained: await findSustained(stage, run, run.quick ? QUICK : REGULAR, TRIAL),
      }),
    );
    const rates = run.quick ? QUICK : upTo(regular.sustained.highest);
    const queued = await withQueueStage(
      { workers: 1, heapMb: SUSTAINED_HEAP_MB },
      run,
      async (stage) => {
        const measured: Measured[] = [];
        for (const setUp of SET_UPS) measured.push(await measure(setUp, stage, run, rates));
        return measured;
      },
    );
    const all: Measured[] = [regular, ...queued];
    const each = <T>(of: (one: Measured) => T[]): T[] => all.flatMap(of);
    return {
      figures: [
        ...each(({ name, sustained }) => [
          reported(`Sustained events: ${name}`, sustained.highest, 'events/s'),
        ]),
        ...each(({ name, sustained }) =>
          atRate(`${amount(COMMON)} events/s`, name, sustained.steps[0]),
        ),
        ...each(({ name, sustained }) => atRate('the highest', name, stepAtHighest(sustained))),
        ...each(({ figures = [] }) => figures),
      ],
      curves: all.map(({ name, sustained }) => curveOf(name, sustained)),
      remarks: [
        whatIsSustained(TRIAL),
        `Tried: ${all.map(({ name, sustained }) => tried(name, sustained)).join('; ')}.`,
        'The memory and n8n’s own data are in one PostgreSQL server. All processes run on this machine, so together they have no more than its cores.',
        'CPU per event of a part: of all its processes, from the first event to the last note.',
        ...each(({ remarks = [] }) => remarks),
      ],
    };
  },
};

/** More workers bring no more cores, so no more is tried with them than regular mode sustains. */
function upTo(highest: number): Rates {
  return { steps: highest > COMMON ? [COMMON, highest] : [COMMON], narrowings: 1 };
}

async function measure(
  { workers, profile, unlinked }: SetUp,
  stage: QueueStage,
  run: Run,
  rates: Rates,
): Promise<Measured> {
  const name = workers === 1 ? '1 worker' : `${workers} workers`;
  const here = { ...run, progress: (text: string) => run.progress(`${name}: ${text}`) };
  here.progress('starting');
  await stage.haveWorkers(workers);
  const sustained = await findSustained(stage, here, rates, TRIAL);
  if (run.quick) return { name, sustained };
  const rate = sustained.highest;
  const profiling = profile && rate > 0 ? await profileOf(profile, name, stage, here, rate) : null;
  return {
    name,
    sustained,
    figures: [
      ...(profiling?.figures ?? []),
      ...(unlinked ? await withoutConversation(name, stage, here) : []),
    ],
    remarks: profiling?.remarks ?? [],
  };
}

async function profileOf(
  whose: NonNullable<SetUp['profile']>,
  name: string,
  stage: QueueStage,
  run: Run,
  rate: number,
): Promise<Profiled> {
  const pid = whose === 'worker' ? stage.workerPids[0]! : stage.pid;
  run.progress(`a profile of the ${whose} at ${amount(rate)} events/s`);
  return await profiled(
    { inspect: () => stage.inspect(pid) },
    `CPU per event of the ${whose}, ${name}, ${amount(rate)} events/s`,
    async () =>
      // What the load watches is the profiled process.
      await measureStep({ ...stage, pid }, run, rate, TRIAL),
  );
}

/** What visitors cost who never open a chat: their activity is only remembered. */
async function withoutConversation(
  name: string,
  stage: QueueStage,
  { progress, signal }: Run,
): Promise<Figure[]> {
  progress(`${amount(UNLINKED.sessions)} visitors without a conversation`);
  await stage.finished(UNLINKED.calmMs, signal);
  const before = await stage.remembered();
  const measured = await measureFlow(
    stage,
    sessionsWithoutConversation(UNLINKED.sessions, 'unlinked'),
    {
      rate: COMMON,
      seconds: UNLINKED.seconds,
      // No note comes.
      waitMs: UNLINKED.calmMs,
      patienceMs: UNLINKED.calmMs,
      signal,
    },
  );
  const remembered = (await stage.remembered()) - before;
  return [
    atMost(
      'Without a conversation, events that were not remembered',
      measured.outcome.sent - remembered,
      '',
      0,
    ),
    reported(
      `Without a conversation, the main process's event loop: ${name}`,
      measured.usage.mainThreadMs / measured.usage.wallMs,
      'cores',
    ),
    ...costs(
      `Without a conversation, ${amount(COMMON)} events/s, CPU per event, ${name}`,
      measured,
    ),
  ];
}

/** @param load the name of the rate; the figures are named by it */
function atRate(load: string, name: string, step: Step | undefined): Figure[] {
  if (!step) return [];
  const { outcome, usage, settling, parts } = step.run;
  const workers = parts.find((part) => part.name === 'workers');
  const busiest = workers && Math.max(...workers.mainThreadsMs) / (usage.wallMs + settling.wallMs);
  const loop = usage.mainThreadMs / usage.wallMs;
  return [
    reported(`At ${load}, event to note, p50: ${name}`, latency(outcome, 0.5), 'ms'),
    reported(`At ${load}, event to note, p99: ${name}`, latency(outcome, 0.99), 'ms'),
    ...costs(`At ${load}, CPU per event, ${name}`, step.run),
    reported(`At ${load}, the main process's event loop: ${name}`, loop, 'cores'),
    ...(busiest === undefined
      ? []
      : [reported(`At ${load}, a worker's event loop at most: ${name}`, busiest, 'cores')]),
    reported(`At ${load}, all CPU: ${name}`, coresOf(step.run), 'cores'),
  ];
}

/** CPU per event of each part. @param of the name of the comparison */
function costs(of: string, { outcome, usage, parts, senderCores }: FlowRun): Figure[] {
  const cost = (part: string, ms: number) =>
    reported(`${of}: ${part}`, (ms * 1_000) / outcome.sent, 'µs');
  return [
    ...parts.map(({ name, cpuMs }) => cost(name, cpuMs)),
    cost('sender and simulators', senderCores * usage.wallMs),
  ];
}

/** CPU of all processes, in cores. */
function coresOf({ parts, senderCores, usage, settling }: FlowRun): number {
  const wallMs = usage.wallMs + settling.wallMs;
  return senderCores + parts.reduce((sum, { cpuMs }) => sum + cpuMs / wallMs, 0);
}
