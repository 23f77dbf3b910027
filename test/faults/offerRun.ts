import fc from 'fast-check';
import { HOUR_MS } from '../support/memory';
import { usesPostgres } from '../support/postgres';
import { createOfferWorld, type OfferWorld } from './offerWorld';
import { parametersOf, type FaultRuns } from './run';
import { createStorage } from './storage';

const VISITORS = 3;
const WORKERS = 2;

const visitor = fc.nat({ max: VISITORS - 1 });
const worker = fc.nat({ max: WORKERS - 1 });

type Step =
  | { do: 'moment'; visitor: number; worker: number }
  | { do: 'again'; which: number; worker: number }
  | { do: 'act' | 'write' | 'team' | 'close' | 'tap'; visitor: number }
  | { do: 'crash'; worker: number }
  | { do: 'restart' }
  | { do: 'step'; ms: number }
  | { do: 'stand still'; worker: number; ms: number }
  | { do: 'trouble'; rate: number; down: boolean }
  | { do: 'database'; rate: number; delayMs: number; failsOver: boolean }
  | { do: 'wait'; ms: number };

const is = <T extends string>(what: T) => fc.constant(what);
const weighted = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary });

const step: fc.Arbitrary<Step> = fc.oneof(
  ...(usesPostgres
    ? [
        weighted(
          3,
          fc.record({
            do: is('database'),
            rate: fc.constantFrom(0, 0, 0.02, 0.1),
            delayMs: fc.constantFrom(0, 0, 0, 1, 3),
            failsOver: fc.boolean(),
          }),
        ),
      ]
    : []),
  weighted(8, fc.record({ do: is('moment'), visitor, worker })),
  weighted(5, fc.record({ do: is('again'), which: fc.nat({ max: 20 }), worker })),
  weighted(
    6,
    fc.record({ do: fc.constantFrom('act', 'write', 'team', 'close', 'close', 'tap'), visitor }),
  ),
  weighted(2, fc.record({ do: is('crash'), worker })),
  weighted(1, fc.record({ do: is('restart') })),
  weighted(
    1,
    fc.record({
      do: is('step'),
      ms: fc.integer({ min: -HOUR_MS / 2, max: HOUR_MS / 2 }),
    }),
  ),
  weighted(1, fc.record({ do: is('stand still'), worker, ms: fc.nat({ max: 120_000 }) })),
  weighted(
    2,
    fc.record({
      do: is('trouble'),
      rate: fc.constantFrom(0, 0.1, 0.3, 0.6, 1),
      down: fc.oneof({ weight: 5, arbitrary: is('up') }, is('down')).map((it) => it === 'down'),
    }),
  ),
  weighted(
    8,
    fc.record({
      do: is('wait'),
      ms: fc.oneof(fc.nat({ max: 3_000 }), fc.nat({ max: 60_000 }), fc.constant(360_000)),
    }),
  ),
);

async function take(world: OfferWorld, taken: Step): Promise<void> {
  switch (taken.do) {
    case 'moment':
      return await world.moment(taken.visitor, taken.worker);
    case 'again':
      return world.again(taken.which, taken.worker);
    case 'act':
      return await world.act(taken.visitor);
    case 'write':
      return await world.writes(taken.visitor);
    case 'team':
      return await world.teamWrites(taken.visitor);
    case 'close':
      return await world.closes(taken.visitor);
    case 'tap':
      return await world.taps(taken.visitor);
    case 'crash':
      return world.crash(taken.worker);
    case 'restart':
      return await world.restart();
    case 'step':
      return await world.step(taken.ms);
    case 'stand still':
      return world.standStill(taken.worker, taken.ms);
    case 'trouble':
      return world.trouble(taken.rate, taken.down);
    case 'database':
      return world.databaseTrouble(taken.rate, taken.delayMs, taken.failsOver);
    case 'wait':
      return await world.wait(taken.ms);
  }
}

export interface OfferRuns extends Omit<FaultRuns, 'setting'> {
  setting: 'intercom' | 'crisp';
}

/**
 * Random runs in which everything fails that can while offers are made, as `assertExactlyOnce` has them for notes. The
 * model (`offerModel.ts`) says what has to be true of each offer in the end.
 *
 * @returns how many offers were made in all runs
 * @throws with the steps, the broken promise, and seed and path to repeat it
 */
export async function assertOfferedOnce(options: OfferRuns): Promise<number> {
  const { setting, onRun } = options;
  const storage = await createStorage();
  let made = 0;
  const property = fc.asyncProperty(
    fc.noShrink(fc.integer()),
    fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }),
    async (chance, steps) => {
      const database = await storage.make();
      const world = await createOfferWorld({
        ...{ setting, seed: chance, database, visitors: VISITORS, workers: WORKERS },
      });
      try {
        world.trouble(0.2, false);
        for (const taken of steps) await take(world, taken);
        const faults = await world.recover();
        if (faults.length > 0) throw new Error(faults.join('\n'));
        made += world.made();
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
  return made;
}
