import { assertExactlyOnce } from '../../faults/run';
import { usesPostgres } from '../../support/postgres';

// Over real HTTP to the simulators, in virtual time; on PostgreSQL also over a network that breaks, stalls and leads
// elsewhere. `npm run faults` has thousands of runs.

const RUNS = Number(process.env.FAULT_RUNS ?? (usesPostgres ? 3 : 40));
const seed = process.env.FAULT_SEED === undefined ? undefined : Number(process.env.FAULT_SEED);

it.each(['intercom', 'crisp', 'workspaces'] as const)(
  'every action is in exactly one note in %s, whatever goes wrong on the way',
  async (setting) => {
    await assertExactlyOnce({ setting, runs: RUNS, seed });
  },
  120_000 + RUNS * (usesPostgres ? 20_000 : 2_000),
);
