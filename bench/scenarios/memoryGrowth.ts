import { measureBare, type Bare } from '../measure/bareDatabases';
import { createCrowd } from '../measure/crowd';
import { amount, atMost, reported } from '../measure/figures';
import {
  costsOf,
  OPERATIONS,
  ratesOf,
  type Cost,
  type Costs,
  type Rates,
} from '../measure/memoryCosts';
import { openPostgresStore, openSqliteStore, type MemoryStore } from '../measure/memoryStores';
import type { Curve, Figure, Run, Scenario } from '../types';

const SIZE = {
  full: { sqlite: [1_000, 10_000, 100_000, 1_000_000], postgres: [1_000, 20_000, 200_000] },
  quick: { sqlite: [1_000, 10_000], postgres: [1_000, 5_000] },
};
/** Round trip times to the server, in milliseconds. */
const DELAYS = { full: [0, 5, 20], quick: [0, 5] };
const CALLS = {
  full: { near: 100, far: 8, wakeUps: 5 },
  quick: { near: 30, far: 3, wakeUps: 2 },
};
const FLAT = 1.5;
const WAKE_UP_MS = 1_000;

/** A memory of some size, asked over some distance. */
interface Point {
  sessions: number;
  delayMs: number;
  costs: Costs;
}

/** What the memory's work costs beside more and more sessions, on both engines. */
export const memoryGrowth: Scenario = {
  name: 'memoryGrowth',
  title: "How the memory's costs grow with what it holds",
  quick: true,
  async run(run) {
    const size = run.quick ? 'quick' : 'full';
    const all = [
      await measureStore(run, openSqliteStore(), SIZE[size].sqlite, [0]),
      await measureStore(run, await openPostgresStore(), SIZE[size].postgres, DELAYS[size]),
    ];
    const figures = (part: 'growth' | 'wakeUps' | 'limits') => all.flatMap((one) => one[part]);
    return {
      figures: [...figures('growth'), ...figures('wakeUps'), ...figures('limits')],
      curves: all.flatMap(({ curves }) => curves),
      remarks: REMARKS,
    };
  },
};

interface Measured {
  growth: Figure[];
  wakeUps: Figure[];
  limits: Figure[];
  curves: Curve[];
}

async function measureStore(
  { quick, signal, progress }: Run,
  store: MemoryStore,
  sizes: readonly number[],
  delays: readonly number[],
): Promise<Measured> {
  try {
    const { engine } = store;
    const calls = CALLS[quick ? 'quick' : 'full'];
    const report = (text: string) => progress(`${engine}, ${text}`);
    report('the first sessions');
    const crowd = await createCrowd(store, sizes.at(-1)!);
    const near = { store, crowd, memory: store.memory, trips: () => 0, signal };
    report('warming up');
    await costsOf({ ...near, calls: calls.near, wakeUps: 1 });
    const points: Point[] = [];
    for (const sessions of sizes) {
      report(`filling up to ${amount(sessions)} sessions`);
      await crowd.growTo(sessions, signal);
      for (const delayMs of delays) {
        report(`${amount(sessions)} sessions, ${delayMs} ms away`);
        const { wakeUps } = calls;
        if (delayMs === 0) {
          const costs = await costsOf({ ...near, calls: calls.near, wakeUps });
          points.push({ sessions, delayMs, costs });
          continue;
        }
        const far = await store.farAway!(delayMs);
        try {
          const costs = await costsOf({ ...near, ...far, calls: calls.far, wakeUps });
          points.push({ sessions, delayMs, costs });
        } finally {
          await far.close();
        }
      }
    }
    report('the limits of the database');
    const rates = await ratesOf(store, crowd);
    const bare = await measureBare(store);
    return {
      growth: delays.flatMap((delayMs) => growthFigures(engine, pointsAt(points, delayMs))),
      wakeUps: delays.map((delayMs) => wakeUpFigure(engine, pointsAt(points, delayMs).at(-1)!)),
      limits: limitFigures(engine, rates, bare),
      curves: delays.flatMap((delayMs) => curvesOf(engine, pointsAt(points, delayMs))),
    };
  } finally {
    await store.close();
  }
}

const pointsAt = (points: readonly Point[], delayMs: number) =>
  points.filter((point) => point.delayMs === delayMs);

const nameOf = (engine: string, delayMs: number) =>
  delayMs === 0 ? engine : `${engine} at ${delayMs} ms`;

/** Near the database what counts is the CPU, which other programs on the machine disturb least; far from it, the time. */
function growthFigures(engine: string, points: readonly Point[]): Figure[] {
  const [first, last] = [points[0]!, points.at(-1)!];
  const { delayMs } = first;
  const grown = `${amount(last.sessions)} sessions to ${amount(first.sessions)}`;
  const of = (what: keyof Cost, name: string) =>
    OPERATIONS.map((operation) => {
      const growth = last.costs[operation][what] / first.costs[operation][what];
      return atMost(
        `${nameOf(engine, delayMs)}, ${name} at ${grown}: ${operation}`,
        growth,
        '×',
        FLAT,
      );
    });
  if (delayMs === 0) return of('cpuMs', 'CPU');
  const trips = OPERATIONS.map((operation) =>
    reported(
      `${nameOf(engine, delayMs)}, round trips of a call: ${operation}`,
      last.costs[operation].trips,
      '',
    ),
  );
  return [...of('ms', 'time'), ...of('trips', 'round trips'), ...trips];
}

function wakeUpFigure(engine: string, { delayMs, costs: { wakeUp } }: Point): Figure {
  const name = `Wake-up of ${amount(wakeUp.due)} due sessions: ${nameOf(engine, delayMs)}`;
  return atMost(name, wakeUp.ms, 'ms', WAKE_UP_MS);
}

function limitFigures(engine: string, ours: Rates, bare: Bare): Figure[] {
  return [
    reported(`Bare ${engine}, transactions of one row`, bare.transactionsPerS, '/s'),
    reported(`Bare ${engine}, rows in transactions of 1,000`, bare.rowsPerS, '/s'),
    reported(`${engine}, remembered actions in calls of 1,000`, ours.rowsPerS, '/s'),
    reported(`${engine}, claims with commits`, ours.deliveriesPerS, '/s'),
    reported(`Remembered to bare rows: ${engine}`, ours.rowsPerS / bare.rowsPerS, '×'),
    reported(
      `Claims with commits to bare transactions: ${engine}`,
      ours.deliveriesPerS / bare.transactionsPerS,
      '×',
    ),
  ];
}

function curvesOf(engine: string, points: readonly Point[]): Curve[] {
  const [{ delayMs }] = points as [Point, ...Point[]];
  const what = delayMs === 0 ? 'cpuMs' : 'ms';
  const name = delayMs === 0 ? `${engine}, CPU` : `${nameOf(engine, delayMs)}, time`;
  return OPERATIONS.map((operation) => ({
    name: operation,
    x: { name: 'Sessions in the memory', unit: '' },
    y: { name, unit: 'ms' },
    points: points.map(({ sessions, costs }) => [sessions, costs[operation][what]]),
  }));
}

const REMARKS = [
  'A call of Remember brings 20 sessions with 3 actions each: half of the sessions are new, the others chosen by chance among all. Recall is by session and by user in turns. A wake-up asks whether work is due and takes all sessions that are, as the trigger and Remember do.',
  'The memory itself stored the first 1,000 sessions, each linked and with a note. The others are copies of their rows, made by SQL, with other ids, names and times; every tenth thousand has links and notes. The oldest session is 20 days old, and PostgreSQL has analyzed its tables.',
  'The delay is that of a TCP proxy before PostgreSQL, which has fsync off. SQLite has the synchronous setting of the memory.',
];
