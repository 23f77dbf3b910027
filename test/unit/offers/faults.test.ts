import { assertOfferedOnce } from '../../faults/offerRun';
import { usesPostgres } from '../../support/postgres';

// Over real HTTP to the simulators, in virtual time, as test/unit/delivery/faults.test.ts for notes.

const RUNS = Number(process.env.FAULT_RUNS ?? (usesPostgres ? 3 : 30));
const SECONDS = 300 + RUNS * (usesPostgres ? 20 : 2);
const seed = process.env.FAULT_SEED === undefined ? undefined : Number(process.env.FAULT_SEED);

it.each(['intercom', 'crisp'] as const)(
  'a visitor gets each offer once or not at all in %s, whatever goes wrong on the way',
  async (setting) => {
    const made = await assertOfferedOnce({ setting, runs: RUNS, seed, seconds: SECONDS });
    expect(made).toBeGreaterThan(RUNS / 3);
  },
  (SECONDS + 60) * 1_000,
);
