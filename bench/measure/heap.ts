import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MB = 2 ** 20;

/** What is held after everything that can be let go of was, in megabytes. */
export async function heldMb(): Promise<number> {
  // What is cleaned up after something was collected, such as a closed connection, lets go of more.
  for (let i = 0; i < 3; i += 1) {
    collect();
    await sleep(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MB;
}

function collect(): void {
  // Node gives `gc` only to those who ask for it at the start; a new context gets it later, too.
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** Watches how much memory the process takes while `work` runs, in megabytes. */
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
