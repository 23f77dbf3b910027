import { parseArgs } from 'node:util';
import { startPostgres } from '../../tools/servers/postgres';
import type { Setting } from './chats';

const USAGE = `Exactly one note, whatever goes wrong.

  npm run faults -- [--runs 2000] [--seed N] [--path P] [--chat intercom|crisp|workspaces|all]
                 [--engine sqlite|postgres]
      random runs over real HTTP, in virtual time; a failing one prints --seed and --path to repeat it.
      PostgreSQL is started for it, behind a network that breaks, stalls and leads elsewhere; what that hits
      depends on the machine, so a run can be repeated only roughly. 200 runs take as long as 2000 in SQLite.
  npm run faults -- --kills 30 [--seed N]
      kills a real n8n so often while it works (run npm run build before)`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '2000' },
      seed: { type: 'string' },
      path: { type: 'string' },
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
    for (const setting of settings) {
      await runAll(setting, Number(values.runs), seed, values.path);
    }
  };
  if (values.engine === 'postgres') await onPostgres(runs);
  else await runs();
}

/** Modules that are loaded from here on have their memories in a server of our own. */
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

async function runAll(
  setting: Setting,
  runs: number,
  seed: number,
  path: string | undefined,
): Promise<void> {
  const started = Date.now();
  let done = 0;
  const progress = () => {
    if (++done % 250 === 0) console.log(`${setting}: ${done} runs`);
  };
  const { assertExactlyOnce } = loaded<typeof import('./run')>('./run');
  await assertExactlyOnce({ setting, runs, seed, path, onRun: progress });
  const seconds = ((Date.now() - started) / 1_000).toFixed(1);
  console.log(`${setting}: ${done} runs in ${seconds} s, seed ${seed}: nothing lost, doubled,`);
  console.log('  out of order or redacted wrongly, and everything delivered in the end');
}

async function killOften(kills: number, seed: number): Promise<void> {
  const { assertSurvivesKills } = loaded<typeof import('./kills')>('./kills');
  const actions = await assertSurvivesKills({ kills, seed, log: (line) => console.log(line) });
  console.log(`${kills} kills, seed ${seed}: each of ${actions} actions in one note, in order`);
}

/** Late: what is loaded looks at the engine that was chosen. */
function loaded<T>(module: './run' | './kills'): T {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require(module) as T;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
