import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { testMemory } from '../support/memory';
import { createFakeClock } from '../support/fakeClock';
import type { FaultyChat } from './chats';
import { createWorld, type World } from './world';

const SESSIONS = 3;
const WORKERS = 2;

const session = fc.nat({ max: SESSIONS - 1 });
const worker = fc.nat({ max: WORKERS - 1 });

type Step =
  | { do: 'act'; session: number; worker: number; count: number; again: boolean }
  | { do: 'link' | 'note'; session: number; worker: number }
  | { do: 'crash'; worker: number }
  | { do: 'restart' }
  | { do: 'stand still'; worker: number; ms: number }
  | { do: 'trouble'; rate: number; down: boolean }
  | { do: 'wait'; ms: number };

const is = <T extends string>(what: T) => fc.constant(what);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: is('act'),
      session,
      worker,
      count: fc.integer({ min: 1, max: 4 }),
      again: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: is('link'), session, worker }) },
  { weight: 1, arbitrary: fc.record({ do: is('note'), session, worker }) },
  { weight: 1, arbitrary: fc.record({ do: is('crash'), worker }) },
  { weight: 1, arbitrary: fc.record({ do: is('restart') }) },
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
      return await world.act(taken.session, taken.worker, taken.count, taken.again);
    case 'link':
      return await world.link(taken.session, taken.worker);
    case 'note':
      return world.teammateNotes(taken.session);
    case 'crash':
      return world.crash(taken.worker);
    case 'restart':
      return await world.restart();
    case 'stand still':
      return world.standStill(taken.worker, taken.ms);
    case 'trouble':
      return world.trouble(taken.rate, taken.down);
    case 'wait':
      return await world.wait(taken.ms);
  }
}

export interface FaultRuns {
  chat: FaultyChat['name'];
  runs: number;
  /** Of the first run; a failure tells seed and path with which it is repeated. */
  seed?: number | undefined;
  /** Repeats one run instead. */
  path?: string | undefined;
  /** Called after each run. */
  onRun?: () => void;
}

/**
 * Random runs of deliveries on which everything goes wrong that can. When a promise does not hold in
 * one of them, it is made smaller as far as possible.
 *
 * @throws with the steps, what does not hold, and seed and path to repeat it
 */
export async function assertExactlyOnce(options: FaultRuns): Promise<void> {
  const { chat, runs, seed, path, onRun } = options;
  const folder = mkdtempSync(join(tmpdir(), 'autoplay-faults-'));
  const fresh = join(folder, 'fresh.sqlite');
  // Migrated once: that would be most of the work.
  await (await testMemory(createFakeClock(), fresh)).close();
  let count = 0;
  const property = fc.asyncProperty(
    fc.noShrink(fc.integer()),
    fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }),
    async (chance, steps) => {
      const file = join(folder, `${++count}.sqlite`);
      copyFileSync(fresh, file);
      const world = await createWorld({
        ...{ chat, seed: chance, file, sessions: SESSIONS, workers: WORKERS },
      });
      try {
        world.trouble(0.2, false);
        for (const taken of steps) await take(world, taken);
        const faults = await world.recover();
        if (faults.length > 0) throw new Error(faults.join('\n'));
        onRun?.();
      } finally {
        await world.close();
        for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
      }
    },
  );
  try {
    await fc.assert(property, {
      numRuns: runs,
      includeErrorInReport: true,
      ...(seed !== undefined && { seed }),
      ...(path !== undefined && { path, endOnFailure: true }),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
