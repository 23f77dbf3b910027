import { startDemo } from './demo/demo';
import { createProgress } from './progress';
import { readSettings } from './demo/settings';
import { repositoryFolder } from './n8n/node24';

/** A second Ctrl-C within this time is the same one, which reaches us directly and through npm. */
const sameSignalMs = 1000;

async function main(): Promise<void> {
  const settings = readSettings(process.env, repositoryFolder);
  const progress = createProgress();
  const stopping = new AbortController();
  let firstSignalAt = 0;
  const onSignal = () => {
    if (firstSignalAt === 0) {
      firstSignalAt = Date.now();
      progress.done();
      console.log('\n  Stopping…');
      stopping.abort();
    } else if (Date.now() - firstSignalAt > sameSignalMs) {
      process.exit(130);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // start.mjs started us and is gone.
  process.on('disconnect', onSignal);

  await startDemo({ settings, progress, signal: stopping.signal });
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    if (error.name === 'AbortError') process.exit(0);
    console.error(`\n  ${error.message}\n`);
    process.exit(1);
  },
);
