import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MB = 2 ** 20;

/** Memory in use after garbage collection, in megabytes. */
export async function heldMb(): Promise<number> {
  // Finalizers of collected objects, such as closed connections, release more.
  for (let i = 0; i < 3; i += 1) {
    collect();
    await sleep(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MB;
}

function collect(): void {
  // Node offers `gc` only with a flag at the start; a new context gets it later, too.
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** Measures the memory of the process while `work` runs, in megabytes. */
export async function peakMbDuring<T>(work: () => Promise<T>): Promise<{ peak: number; value: T }> {
  let peak = 0;
  const look = () => (peak = Math.max(peak, process.memoryUsage.rss() / MB));
  const timer = setInterval(look, 50);
  try {
    const value = await work();
    look();
    return { peak, value };
  } finally {
    clearInterval(timer);
  }
}
