import { openMemoryBench, timeRecalls, type MemoryBench } from '../measure/memoryBench';
import { createVisits, type Visits } from '../measure/memoryData';
import { stallsDuring } from '../measure/stalls';
import { median, percentile } from '../measure/statistics';
import { createRandom } from '../../simulators/random';
import type { RecallQuery } from '../../core/memory/types';
import type { Curve, Figure, Run, Scenario } from '../types';

const SIZE = {
  full: { actions: 1_000_000, sessions: 20_000, recalls: 3_000, people: 50, long: 20 },
  quick: { actions: 100_000, sessions: 4_000, recalls: 500, people: 20, long: 4 },
};
const CALL = { sessions: 200, actions: 5 };
/** Actions of each of a few visitors who stay all day. */
const LONG_ACTIONS = 10_000;
/** Points of the curve. */
const STEPS = 20;
const NAME = 'bench';
const CHAT = 'intercom';
const HOUR_MS = 3_600_000;

/** The embedded memory with a real file: storing, recalling, erasing, and what it takes on the disk. */
export const memory: Scenario = {
  name: 'memory',
  title: 'The embedded memory, alone',
  quick: true,
  async run(run) {
    const size = run.quick ? SIZE.quick : SIZE.full;
    const bench = openMemoryBench();
    try {
      const visits = createVisits({
        sessions: size.sessions,
        sessionsPerUser: 4,
        sessionsPerCall: CALL.sessions,
        actionsPerSession: CALL.actions,
      });
      const stored = await remember(run, bench, visits, size.actions);
      const figures = [...stored.figures, ...sizes(bench, size)];
      figures.push(...(await recalls(run, bench, visits, size)));
      await rememberLong(run, bench, size);
      figures.push(...(await erasing(run, bench, visits, size)));
      return { figures, curves: [stored.curve], remarks: remarks(size) };
    } finally {
      await bench.close();
    }
  },
};

type Size = typeof SIZE.full;

async function remember(run: Run, { memory }: MemoryBench, visits: Visits, actions: number) {
  const perCall = CALL.sessions * CALL.actions;
  const calls: number[] = [];
  const points: Array<[number, number]> = [];
  for (let stored = 0, step: number[] = []; stored < actions;) {
    run.signal.throwIfAborted();
    const batches = visits.next();
    const began = performance.now();
    await memory.remember(NAME, batches, HOUR_MS);
    step.push(performance.now() - began);
    stored += perCall;
    // Other work runs in between, as in n8n.
    await new Promise(setImmediate);
    if (stored % (actions / STEPS) !== 0) continue;
    points.push([stored, perCall / (median(step) / 1_000)]);
    run.progress(`remembered ${stored.toLocaleString('en-US')} actions`);
    calls.push(...step);
    step = [];
  }
  const figures: Figure[] = [
    {
      name: 'Remember',
      value: perCall / (median(calls) / 1_000),
      unit: 'actions/s',
      target: { is: 'at least', value: 50_000 },
    },
    { name: 'Remember, a call of 1,000 actions, p50', value: median(calls), unit: 'ms' },
    { name: 'Remember, a call of 1,000 actions, p99', value: percentile(calls, 0.99), unit: 'ms' },
  ];
  const curve: Curve = {
    name: 'Remember',
    x: { name: 'Actions stored', unit: '' },
    y: { name: 'Remembered', unit: 'actions/s' },
    points,
  };
  return { figures, curve };
}

function sizes({ bytes }: MemoryBench, { actions, sessions }: Size): Figure[] {
  return [
    { name: 'On disk, per action', value: bytes() / actions, unit: 'bytes' },
    { name: 'On disk, per session', value: bytes() / sessions / 1_024, unit: 'KB' },
  ];
}

async function recalls(run: Run, { memory }: MemoryBench, visits: Visits, size: Size) {
  const random = createRandom(7);
  const linked: string[] = [];
  for (let i = 0; i < size.recalls; i += 1) {
    const { session_id } = visits.pick(random);
    const request = { chat: CHAT, conversation_id: String(i), session_id };
    const { status } = await memory.link(NAME, request, HOUR_MS);
    if (status === 'linked') linked.push(String(i));
  }
  const ways: Record<string, (i: number) => Partial<RecallQuery>> = {
    'by session': () => ({ session_id: visits.pick(random).session_id }),
    'by conversation': (i) => ({ chat: CHAT, conversation_id: linked[i % linked.length] }),
    'by user': () => ({ user_id: visits.pick(random).user_id }),
    'by email': () => ({ email: visits.pick(random).email }),
  };
  const times: Array<[way: string, times: number[]]> = [];
  for (const [way, query] of Object.entries(ways)) {
    run.signal.throwIfAborted();
    run.progress(`recall ${way}`);
    times.push([way, await timeRecalls(memory, NAME, size.recalls, query)]);
  }
  return [0.5, 0.99].flatMap((share) =>
    times.map(([way, all]): Figure => {
      const name = `Recall, p${share * 100}: ${way}`;
      const figure = { name, value: percentile(all, share), unit: 'ms' };
      return share === 0.5 ? figure : { ...figure, target: { is: 'at most', value: 5 } };
    }),
  );
}

/** Sessions of people called `long-0`, `long-1` and so on. */
async function rememberLong(run: Run, { memory }: MemoryBench, { long }: Size): Promise<void> {
  const perCall = 500;
  const sessionsPerCall = 1;
  for (let i = 0; i < long; i += 1) {
    run.progress(`remembering long session ${i + 1} of ${long}`);
    const options = {
      sessions: 1,
      sessionsPerUser: 1,
      sessionsPerCall,
      actionsPerSession: perCall,
    };
    const visits = createVisits(options);
    for (let stored = 0; stored < LONG_ACTIONS; stored += perCall) {
      run.signal.throwIfAborted();
      const whose = { session_id: `long-${i}`, user_id: `long-${i}`, email: null };
      await memory.remember(
        NAME,
        visits.next().map((batch) => ({ ...batch, ...whose })),
        HOUR_MS,
      );
      await new Promise(setImmediate);
    }
  }
}

async function erasing(run: Run, bench: MemoryBench, visits: Visits, { people }: Size) {
  const { memory, later } = bench;
  const random = createRandom(8);
  const target = { is: 'at most', value: 50 } as const;
  run.progress('forgetting people one after the other');
  const times: number[] = [];
  const ask = () => memory.isWorkDue(NAME);
  const forgetting = await stallsDuring(async () => {
    for (let i = 0; i < people; i += 1) {
      const began = performance.now();
      await memory.forget({ user_id: visits.pick(random).user_id });
      times.push(performance.now() - began);
      await new Promise(setImmediate);
    }
  }, ask);
  const long = await stallsDuring(() => memory.forget({ user_id: 'long-0' }), ask);
  run.signal.throwIfAborted();
  run.progress('expiring all that is left');
  later(2 * HOUR_MS);
  const began = performance.now();
  const expiring = await stallsDuring(() => memory.expire(), ask);
  const seconds = (performance.now() - began) / 1_000;
  const figures: Figure[] = [
    { name: 'Forget a person, p50', value: median(times), unit: 'ms' },
    { name: 'Forget a person, longest stall', value: forgetting.longest, unit: 'ms', target },
    {
      name: `Forget ${count(long.value.actions)} actions, stall`,
      value: long.longest,
      unit: 'ms',
      target,
    },
    { name: 'Expire, sessions', value: expiring.value, unit: '' },
    { name: 'Expire, sessions a second', value: expiring.value / seconds, unit: 'sessions/s' },
    { name: 'Expire, longest stall', value: expiring.longest, unit: 'ms', target },
    { name: 'Expire, stalls above 10 ms', value: expiring.over10, unit: '' },
  ];
  return figures;
}

const count = (n: number) => n.toLocaleString('en-US');

function remarks({ actions, sessions, long }: Size): string[] {
  return [
    `Remember is called with ${CALL.sessions} sessions of ${CALL.actions} actions each, until ${count(actions)} actions of ${count(sessions)} sessions are stored; its rate is that of the median call.`,
    'Recall asks for up to 20 actions of the last 5 minutes of visitors chosen by chance.',
    `Among what expires are ${long - 1} sessions with ${count(LONG_ACTIONS)} actions each.`,
    'A stall is how long a small question to the memory waits while it erases; n8n itself is not held up, for SQLite works in a thread of its own.',
  ];
}
