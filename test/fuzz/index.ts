import { parseArgs } from 'node:util';
import { fuzz } from './run';
import { targets } from './targets';

const USAGE = `npm run fuzz -- [options]
  --cases <n>      how many cases in all (default 1,000,000)
  --seconds <n>    no case starts after so long (default 1,800)
  --seed <n>       the same seed gives the same cases (default: from the time)
  --only <text>    only targets whose name contains it
  --list           lists the targets`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string', default: '1000000' },
      seconds: { type: 'string', default: '1800' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      only: { type: 'string', default: '' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const chosen = targets.filter(({ name }) => name.includes(values.only));
  if (values.list) return chosen.forEach(({ name }) => console.log(name));
  const [cases, seconds, seed] = [values.cases, values.seconds, values.seed].map(Number) as [
    number,
    number,
    number,
  ];
  if (chosen.length === 0 || ![cases, seconds, seed].every(Number.isSafeInteger)) {
    throw new Error(USAGE);
  }

  console.log(`${chosen.length} targets, ${cases.toLocaleString('en')} cases, seed ${seed}`);
  const start = performance.now();
  let shown = start;
  const { cases: done, failures } = await fuzz(chosen, {
    cases,
    seconds,
    seed,
    now: () => performance.now(),
    onProgress(state) {
      if (performance.now() - shown < 5_000) return;
      shown = performance.now();
      const rate = Math.round(state.done / ((shown - start) / 1_000));
      console.log(
        `${state.done.toLocaleString('en')} cases, ${rate.toLocaleString('en')} a second, ${state.failures} failed`,
      );
    },
  });
  for (const { target, seed: failing, report } of failures) {
    console.error(
      `\n${target}\nagain: npm run fuzz -- --only '${target}' --seed ${failing}\n${report}`,
    );
  }
  const took = Math.round((performance.now() - start) / 1_000);
  console.log(
    `\n${done.toLocaleString('en')} cases in ${took} s, seed ${seed}: ${failures.length} failed`,
  );
  process.exitCode = failures.length > 0 ? 1 : 0;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 2;
});
