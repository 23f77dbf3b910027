import { assertExactlyOnce } from '../../faults/run';
import { usesPostgres } from '../../support/postgres';

// Over real HTTP to the simulators, in virtual time; on PostgreSQL also over a network that breaks, stalls and leads
// elsewhere. `npm run faults` has thousands of runs.

const RUNS = Number(process.env.FAULT_RUNS ?? (usesPostgres ? 3 : 40));
const SECONDS = 300 + RUNS * (usesPostgres ? 20 : 2);
const seed = process.env.FAULT_SEED === undefined ? undefined : Number(process.env.FAULT_SEED);

it.each(['intercom', 'crisp', 'workspaces'] as const)(
  'every action is in exactly one note in %s, whatever goes wrong on the way',
  async (setting) => {
    await assertExactlyOnce({ setting, runs: RUNS, seed, seconds: SECONDS });
  },
  (SECONDS + 60) * 1_000,
);
