import fc from 'fast-check';
import { HOUR_MS } from '../support/memory';
import { usesPostgres } from '../support/postgres';
import type { Setting } from './chats';
import { createStorage } from './storage';
import { createWorld, type World } from './world';

const SESSIONS = 3;
const WORKERS = 2;

const session = fc.nat({ max: SESSIONS - 1 });
const worker = fc.nat({ max: WORKERS - 1 });

type Step =
  | { do: 'act'; session: number; worker: number; count: number; times: number }
  | { do: 'repeat' | 'note'; session: number; worker: number }
  | { do: 'sum up'; session: number; worker: number; again: boolean }
  | { do: 'link'; session: number; worker: number; chat: number }
  | { do: 'close'; session: number; chat: number }
  | { do: 'crash'; worker: number }
  | { do: 'restart' }
  | { do: 'off'; ms: number; tidied: boolean }
  | { do: 'step'; ms: number }
  | { do: 'stand still'; worker: number; ms: number }
  | { do: 'trouble'; rate: number; down: boolean }
  | { do: 'database'; rate: number; delayMs: number; failsOver: boolean }
  | { do: 'wait'; ms: number };

const is = <T extends string>(what: T) => fc.constant(what);

/** Only for a database on a server: SQLite has no network that could fail. */
const databaseSteps: fc.WeightedArbitrary<Step>[] = [
  {
    weight: 3,
    arbitrary: fc.record({
      do: is('database'),
      rate: fc.constantFrom(0, 0, 0.02, 0.1),
      delayMs: fc.constantFrom(0, 0, 0, 1, 3),
      failsOver: fc.boolean(),
    }),
  },
];

const step: fc.Arbitrary<Step> = fc.oneof(
  ...(usesPostgres ? databaseSteps : []),
  {
    weight: 8,
    arbitrary: fc.record({
      do: is('act'),
      session,
      worker,
      count: fc.integer({ min: 1, max: 4 }),
      times: fc.constantFrom(1, 1, 1, 2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: is('repeat'), session, worker }) },
  { weight: 2, arbitrary: fc.record({ do: is('sum up'), session, worker, again: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: is('link'), session, worker, chat: fc.nat({ max: 1 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('note'), session, worker }) },
  { weight: 1, arbitrary: fc.record({ do: is('close'), session, chat: fc.nat({ max: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ do: is('crash'), worker }) },
  { weight: 1, arbitrary: fc.record({ do: is('restart') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: is('off'),
      ms: fc.integer({ min: HOUR_MS, max: 30 * HOUR_MS }),
      tidied: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: is('step'),
      ms: fc.integer({ min: -HOUR_MS / 2, max: HOUR_MS / 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: is('stand still'), worker, ms: fc.nat({ max: 120_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: is('trouble'),
      rate: fc.constantFrom(0, 0.1, 0.3, 0.6, 1),
      down: fc.oneof({ weight: 5, arbitrary: is('up') }, is('down')).map((it) => it === 'down'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: is('wait'),
      ms: fc.oneof(fc.nat({ max: 3_000 }), fc.nat({ max: 60_000 })),
    }),
  },
);

async function take(world: World, taken: Step): Promise<void> {
  switch (taken.do) {
    case 'act':
      return await world.act(taken.session, taken.worker, taken.count, taken.times);
    case 'repeat':
      return await world.repeat(taken.session, taken.worker);
    case 'sum up':
      return await world.sumUp(taken.session, taken.worker, taken.again);
    case 'link':
      return await world.link(taken.session, taken.worker, taken.chat);
    case 'close':
      return await world.closeConversation(taken.session, taken.chat);
    case 'note':
      return world.teammateNotes(taken.session);
    case 'crash':
      return world.crash(taken.worker);
    case 'restart':
      return await world.restart();
    case 'off':
      return await world.off(taken.ms, taken.tidied);
    case 'step':
      return await world.step(taken.ms);
    case 'stand still':
      return world.standStill(taken.worker, taken.ms);
    case 'trouble':
      return world.trouble(taken.rate, taken.down);
    case 'database':
      return world.databaseTrouble(taken);
    case 'wait':
      return await world.wait(taken.ms);
  }
}

export interface FaultRuns {
  setting: Setting;
  runs: number;
  /** Of all runs. A failure reports the seed and the path that repeat it. */
  seed?: number | undefined;
  /** Repeats only the run at this path. */
  path?: string | undefined;
  /** A limit after which the runs fail, naming the run that does not end. None by default. */
  seconds?: number;
  /** Called after each run. */
  onRun?: () => void;
}

/** How many runs fast-check makes, which, and for how long. */
export function parametersOf({ runs, seed, path, seconds }: Omit<FaultRuns, 'setting'>) {
  return {
    numRuns: runs,
    includeErrorInReport: true,
    ...(seconds !== undefined && {
      interruptAfterTimeLimit: seconds * 1_000,
      markInterruptAsFailure: true,
    }),
    ...(seed !== undefined && { seed }),
    ...(path !== undefined && { path, endOnFailure: true }),
  };
}

/**
 * Random runs in which everything fails that can: network, chat product, database, processes, clocks. Each run takes
 * random steps (see `world.ts`), with notes as it happens or at a pace that follows the conversation, then lets everything recover and asks the model (`model.ts`) whether each action is in
 * exactly one note. A run that fails is shrunk to its shortest form.
 *
 * Over real HTTP to the simulators, in virtual time (`time.ts`), with faults on the network (`network.ts`) and on the
 * way to PostgreSQL (`storage.ts`); `workers.ts` does what the workflow does.
 *
 * @throws with the steps, the broken promise, and seed and path to repeat it
 */
export async function assertExactlyOnce(options: FaultRuns): Promise<void> {
  const { setting, onRun } = options;
  const storage = await createStorage();
  const property = fc.asyncProperty(
    fc.noShrink(fc.integer()),
    fc.boolean(),
    fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }),
    async (chance, follows, steps) => {
      const database = await storage.make();
      const world = await createWorld({
        ...{ setting, seed: chance, database, sessions: SESSIONS, workers: WORKERS, follows },
      });
      try {
        world.trouble(0.2, false);
        for (const taken of steps) await take(world, taken);
        const faults = await world.recover();
        if (faults.length > 0) throw new Error(faults.join('\n'));
        onRun?.();
      } finally {
        await world.close();
        await database.remove();
      }
    },
  );
  try {
    await fc.assert(property, parametersOf(options));
  } finally {
    await storage.close();
  }
}
