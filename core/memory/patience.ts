import { backoff } from '../backoff';
import { wait, type Clock } from '../clock';
import { StorageError } from './errors';
import type { SessionMemory } from './types';

interface PatienceOptions {
  clock: Clock;
  /** Told of each attempt that failed, and since when they do, in milliseconds since the epoch. */
  onTrouble: (error: StorageError, since: number) => void;
  /** Told when it works again. */
  onOver: (since: number) => void;
}

/**
 * How long a storage that cannot be used is waited for, in milliseconds: activity is gone when it is
 * given up. A link is made when the visitor writes again, and somebody may be waiting for an answer.
 */
const PATIENCE_MS = { remember: 10 * 60_000, link: 30_000 };
const pauseAfter = backoff({ first: 250, longest: 5_000 });

/**
 * A memory that does not give up easily what comes only once: activity, which the stream does not
 * repeat, and links, whose webhooks have been answered. What else a flow does is tried again later anyway.
 */
export function patient(memory: SessionMemory, options: PatienceOptions): SessionMemory {
  const { clock, onTrouble, onOver } = options;

  async function insist<T>(patienceMs: number, work: () => Promise<T>): Promise<T> {
    const since = clock.now();
    for (let failures = 0; ;) {
      try {
        const result = await work();
        if (failures > 0) onOver(since);
        return result;
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        onTrouble(error, since);
        if (clock.now() - since >= patienceMs) throw error;
        failures += 1;
        await wait(clock, pauseAfter(failures));
      }
    }
  }

  return {
    ...memory,
    remember: (...args) => insist(PATIENCE_MS.remember, () => memory.remember(...args)),
    link: (...args) => insist(PATIENCE_MS.link, () => memory.link(...args)),
  };
}
