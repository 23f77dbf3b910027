import { setImmediate as turn } from 'node:timers/promises';

interface Stalls {
  /** The longest time that a question had to wait for its answer, in milliseconds. */
  longest: number;
  /** How often that was longer than 10 ms. */
  over10: number;
}

/**
 * Measures how long small calls to the memory wait while `work` runs; they are made one after the other.
 *
 * @param ask the question; answered in no time when nothing is in its way
 */
export async function stallsDuring<T>(
  work: () => Promise<T>,
  ask: () => Promise<unknown>,
): Promise<Stalls & { value: T }> {
  const stalls = { longest: 0, over10: 0 };
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const began = performance.now();
      await ask();
      const waited = performance.now() - began;
      stalls.longest = Math.max(stalls.longest, waited);
      if (waited > 10) stalls.over10 += 1;
      await turn();
    }
  })();
  const [value] = await Promise.all([work().finally(() => (isOver = true)), asking]);
  return { value, ...stalls };
}
