import { createProgress } from '../progress';
import { startDemo } from './demo';

/** Ctrl-C arrives twice, directly and through npm. Within this time the second signal is the same Ctrl-C. */
const sameSignalMs = 1000;

type Options = Omit<Parameters<typeof startDemo>[0], 'progress' | 'signal'>;

/** Runs the demo until a signal asks for its end, then ends this process. */
export function runDemo(options: () => Options): void {
  main(options).then(
    () => process.exit(0),
    (error: Error) => {
      if (error.name === 'AbortError') process.exit(0);
      console.error(`\n  ${error.message}\n`);
      process.exit(1);
    },
  );
}

async function main(options: () => Options): Promise<void> {
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
  // start.mjs, which started this process, has ended.
  process.on('disconnect', onSignal);

  await startDemo({ ...options(), progress, signal: stopping.signal });
}
