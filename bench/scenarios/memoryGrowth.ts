import { measureBare, type Bare } from '../measure/bareDatabases';
import { createCrowd } from '../measure/crowd';
import { amount, atMost, reported } from '../measure/figures';
import {
  costsOf,
  deliverDue,
  dueIn,
  makeDue,
  OPERATIONS,
  ratesOf,
  type Cost,
  type Costs,
  type Rates,
} from '../measure/memoryCosts';
import { openPostgresStore, openSqliteStore, type MemoryStore } from '../measure/memoryStores';
import { median } from '../measure/statistics';
import type { Curve, Figure, Run, Scenario } from '../types';

const SIZE: Record<'full' | 'quick', Record<'sqlite' | 'postgres', [number, ...number[]]>> = {
  full: { sqlite: [1_000, 10_000, 100_000, 1_000_000], postgres: [1_000, 20_000, 200_000] },
  quick: { sqlite: [1_000, 10_000], postgres: [1_000, 5_000] },
};
/** Round trip times to the server, in milliseconds. */
const DELAYS = { full: [0, 5, 20], quick: [0, 5] };
/** Small and large memories take turns so often, with so many calls of each operation each time. */
const TURNS = {
  full: { near: { turns: 7, calls: 25 }, far: { turns: 3, calls: 4 } },
  quick: { near: { turns: 5, calls: 25 }, far: { turns: 2, calls: 2 } },
};
const FLAT = 1.5;
const WAKE_UP_MS = 1_000;

/** A memory of some size, asked over some distance, and a small one asked in turns with it. */
interface Point {
  sessions: number;
  delayMs: number;
  due: number;
  turns: Array<{ small: Costs; large: Costs }>;
}

/** What the memory's work costs beside more and more sessions, on both engines. */
export const memoryGrowth: Scenario = {
  name: 'memoryGrowth',
  title: "How the memory's costs grow with what it holds",
  quick: true,
  async run(run) {
    const size = run.quick ? 'quick' : 'full';
    const all = [
      await measureEngine(run, openSqliteStore, SIZE[size].sqlite, [0]),
      await measureEngine(run, openPostgresStore, SIZE[size].postgres, DELAYS[size]),
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

/** @param sizes the sessions of the memory that stays small, and those of the one that grows */
async function measureEngine(
  { quick, signal, progress }: Run,
  open: () => Promise<MemoryStore>,
  [smallest, ...sizes]: readonly [number, ...number[]],
  delays: readonly number[],
): Promise<Measured> {
  await using opened = new AsyncDisposableStack();
  const filled = async () => {
    const store = await open();
    opened.defer(() => store.close());
    signal.throwIfAborted();
    return { store, crowd: await createCrowd(store, sizes.at(-1)!) };
  };
  const small = await filled();
  const large = await filled();
  const { engine } = large.store;
  const report = (text: string) => progress(`${engine}, ${text}`);
  await makeDue(small.store, small.crowd);
  const points: Point[] = [];
  for (const sessions of sizes) {
    report(`filling up to ${amount(sessions)} sessions`);
    await large.crowd.growTo(sessions, signal);
    await makeDue(large.store, large.crowd);
    for (const delayMs of delays) {
      report(`${amount(sessions)} sessions, ${delayMs} ms away`);
      await using away = new AsyncDisposableStack();
      const asked = async (one: typeof small) => {
        const far = delayMs > 0 ? await one.store.farAway!(delayMs) : undefined;
        if (far) away.defer(() => far.close());
        return { ...one, memory: one.store.memory, trips: () => 0, ...far, signal };
      };
      const [asSmall, asLarge] = [await asked(small), await asked(large)];
      const { turns, calls } = TURNS[quick ? 'quick' : 'full'][far(delayMs)];
      const point: Point = { sessions, delayMs, due: dueIn(large.crowd), turns: [] };
      for (let turn = 0; turn <= turns; turn++) {
        const costs = {
          small: await costsOf({ ...asSmall, calls }),
          large: await costsOf({ ...asLarge, calls }),
        };
        // The first time, code is compiled and connections are opened.
        if (turn > 0) point.turns.push(costs);
      }
      points.push(point);
    }
    await deliverDue(large.store, large.crowd);
  }
  report('the limits of the database');
  const rates = await ratesOf(large.store, large.crowd);
  const bare = await measureBare(large.store);
  const at = (delayMs: number) => points.filter((point) => point.delayMs === delayMs);
  return {
    growth: delays.flatMap((delayMs) => growthFigures(engine, smallest, at(delayMs).at(-1)!)),
    wakeUps: delays.map((delayMs) => wakeUpFigure(engine, at(delayMs).at(-1)!)),
    limits: limitFigures(engine, rates, bare),
    curves: delays.flatMap((delayMs) => curvesOf(engine, smallest, at(delayMs))),
  };
}

const far = (delayMs: number) => (delayMs > 0 ? 'far' : 'near');

const nameOf = (engine: string, delayMs: number) =>
  delayMs === 0 ? engine : `${engine} at ${delayMs} ms`;

/** Near the database what counts is the CPU, which other programs on the machine disturb least; far from it, the time. */
function growthFigures(engine: string, smallest: number, point: Point): Figure[] {
  const { sessions, delayMs, turns } = point;
  const grown = `${amount(sessions)} sessions to ${amount(smallest)}`;
  const of = (what: keyof Cost, name: string) =>
    OPERATIONS.map((operation) => {
      const growth = turns.map(
        ({ small, large }) => large[operation][what] / small[operation][what],
      );
      const group = `${nameOf(engine, delayMs)}, ${name} at ${grown}`;
      return atMost(`${group}: ${operation}`, median(growth), '×', FLAT);
    });
  if (delayMs === 0) return of('cpuMs', 'CPU');
  const group = `${nameOf(engine, delayMs)}, round trips of a call`;
  const trips = OPERATIONS.map((operation) =>
    reported(`${group}: ${operation}`, costIn(point, 'large', operation, 'trips'), ''),
  );
  return [...of('ms', 'time'), ...of('trips', 'round trips'), ...trips];
}

/** The median of all turns. */
function costIn(
  { turns }: Pick<Point, 'turns'>,
  which: 'small' | 'large',
  operation: keyof Costs,
  what: keyof Cost,
): number {
  return median(turns.map((turn) => turn[which][operation][what]));
}

function wakeUpFigure(engine: string, point: Point): Figure {
  const name = `Wake-up of ${amount(point.due)} due sessions: ${nameOf(engine, point.delayMs)}`;
  return atMost(name, costIn(point, 'large', 'wakeUp', 'ms'), 'ms', WAKE_UP_MS);
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

function curvesOf(engine: string, smallest: number, points: readonly Point[]): Curve[] {
  const { delayMs } = points[0]!;
  const what = delayMs === 0 ? 'cpuMs' : 'ms';
  const turns = points.flatMap((point) => point.turns);
  return OPERATIONS.map((operation) => ({
    name: operation,
    x: { name: 'Sessions in the memory', unit: '' },
    y: { name: `${nameOf(engine, delayMs)}, ${delayMs === 0 ? 'CPU' : 'time'}`, unit: 'ms' },
    points: [
      [smallest, costIn({ turns }, 'small', operation, what)],
      ...points.map((point): [number, number] => [
        point.sessions,
        costIn(point, 'large', operation, what),
      ]),
    ],
  }));
}

const REMARKS = [
  'A memory that stays small and one that grows take turns; each growth is the median of these turns. A call of Remember brings 20 sessions with 3 actions each: half of them are new, the others chosen by chance among all, as are those that are recalled by session and by user in turns. A wake-up asks whether work is due and takes all sessions that are, as the trigger and Remember do: those linked ones that acted last.',
  'The memory itself stored the first 1,000 sessions, half of them linked and with a note. The others are copies of their rows, made by SQL, with other ids, names and times; every fifth thousand has links and notes. The oldest session is 20 days old, and PostgreSQL has analyzed its tables.',
  'CPU is that of this process and of the server. The delay is that of a TCP proxy before PostgreSQL, which has fsync off. Bare SQLite has the synchronous setting of the memory.',
];
