import { parseArgs } from 'node:util';
import { startPostgres } from '../../tools/servers/postgres';
import type { Setting } from './chats';

const USAGE = `Checks that each action is in exactly one note, and that a visitor gets each offer once or not at all, whatever fails.

  npm run faults -- [--runs 2000] [--seed N] [--path P] [--of notes|offers|all]
                 [--chat intercom|crisp|workspaces|all] [--engine sqlite|postgres]
      Random runs over real HTTP, in virtual time. A failing run prints --seed and --path to repeat it.
      With --engine postgres, a PostgreSQL is started behind a network that breaks, stalls and fails over. Which
      statement a fault hits then depends on the machine, so a run can be repeated only roughly.
  npm run faults -- --kills 30 [--seed N]
      Kills a real n8n so often while it works (run npm run build first).`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '2000' },
      seed: { type: 'string' },
      path: { type: 'string' },
      of: { type: 'string', default: 'all' },
      chat: { type: 'string', default: 'all' },
      engine: { type: 'string', default: 'sqlite' },
      kills: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const settings = (['intercom', 'crisp', 'workspaces'] as const).filter(
    (name) => values.chat === 'all' || values.chat === name,
  );
  const seed = values.seed === undefined ? (Date.now() ^ process.pid) | 0 : Number(values.seed);
  if (values.kills !== undefined) return await killOften(Number(values.kills), seed);
  const runs = async () => {
    const which = { runs: Number(values.runs), seed, path: values.path };
    for (const setting of settings) {
      if (values.of !== 'offers') await runAll(setting, which);
      if (values.of !== 'notes' && setting !== 'workspaces') await offerAll(setting, which);
    }
  };
  if (values.engine === 'postgres') await onPostgres(runs);
  else await runs();
}

/** Starts a PostgreSQL. Modules that are loaded while `work` runs keep their memories there. */
async function onPostgres(work: () => Promise<void>): Promise<void> {
  const server = await startPostgres();
  try {
    process.env.AUTOPLAY_TEST_POSTGRES = JSON.stringify(server.address);
    (globalThis as { memoryEngine?: string }).memoryEngine = 'postgres';
    await work();
  } finally {
    await server.stop();
  }
}

interface Runs {
  runs: number;
  seed: number;
  path: string | undefined;
}

async function runAll(setting: Setting, which: Runs): Promise<void> {
  const { onRun, ended } = progressOf(setting, which);
  const { assertExactlyOnce } = loaded<typeof import('./run')>('./run');
  await assertExactlyOnce({ setting, ...which, onRun });
  ended(
    'nothing lost, doubled,\n  out of order or redacted wrongly, and everything delivered in the end',
  );
}

async function offerAll(setting: 'intercom' | 'crisp', which: Runs): Promise<void> {
  const { onRun, ended } = progressOf(`offers in ${setting}`, which);
  const { assertOfferedOnce } = loaded<typeof import('./offerRun')>('./offerRun');
  const made = await assertOfferedOnce({ setting, ...which, onRun });
  ended(`${made} offers made,\n  none twice, in part or into an open conversation`);
}

function progressOf(what: string, { seed }: Runs) {
  const started = Date.now();
  let done = 0;
  return {
    onRun() {
      if (++done % 250 === 0) console.log(`${what}: ${done} runs`);
    },
    ended(found: string) {
      const seconds = ((Date.now() - started) / 1_000).toFixed(1);
      console.log(`${what}: ${done} runs in ${seconds} s, seed ${seed}: ${found}`);
    },
  };
}

async function killOften(kills: number, seed: number): Promise<void> {
  const { assertSurvivesKills } = loaded<typeof import('./kills')>('./kills');
  const actions = await assertSurvivesKills({ kills, seed, log: (line) => console.log(line) });
  console.log(`${kills} kills, seed ${seed}: each of ${actions} actions in one note, in order`);
}

/** Loads a module late, because it reads the engine that was chosen. */
function loaded<T>(module: './run' | './offerRun' | './kills'): T {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require(module) as T;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
