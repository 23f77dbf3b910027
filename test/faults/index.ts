import { parseArgs } from 'node:util';
import type { FaultyChat } from './chats';
import { assertSurvivesKills } from './kills';
import { assertExactlyOnce } from './run';

const USAGE = `Exactly one note, whatever goes wrong.

  npm run faults -- [--runs 2000] [--seed N] [--path P] [--chat intercom|crisp|both]
      random runs over real HTTP, in virtual time; a failing one prints --seed and --path to repeat it
  npm run faults -- --kills 30 [--seed N]
      kills a real n8n so often while it works (run npm run build before)`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '2000' },
      seed: { type: 'string' },
      path: { type: 'string' },
      chat: { type: 'string', default: 'both' },
      kills: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const chats = (['intercom', 'crisp'] as const).filter(
    (name) => values.chat === 'both' || values.chat === name,
  );
  const seed = values.seed === undefined ? (Date.now() ^ process.pid) | 0 : Number(values.seed);
  if (values.kills !== undefined) return await killOften(Number(values.kills), seed);
  for (const chat of chats) await runAll(chat, Number(values.runs), seed, values.path);
}

async function runAll(
  chat: FaultyChat['name'],
  runs: number,
  seed: number,
  path: string | undefined,
): Promise<void> {
  const started = Date.now();
  let done = 0;
  const progress = () => {
    if (++done % 250 === 0) console.log(`${chat}: ${done} runs`);
  };
  await assertExactlyOnce({ chat, runs, seed, path, onRun: progress });
  const seconds = ((Date.now() - started) / 1_000).toFixed(1);
  console.log(`${chat}: ${done} runs in ${seconds} s, seed ${seed}: nothing lost, doubled,`);
  console.log('  out of order or redacted wrongly, and everything delivered in the end');
}

async function killOften(kills: number, seed: number): Promise<void> {
  const actions = await assertSurvivesKills({ kills, seed, log: (line) => console.log(line) });
  console.log(`${kills} kills, seed ${seed}: each of ${actions} actions in one note, in order`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
