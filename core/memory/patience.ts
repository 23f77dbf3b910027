import { backoff } from '../backoff';
import { wait, type Clock } from '../clock';
import { StorageError } from './errors';
import type { NamedMemory } from './named';

interface PatienceOptions {
  clock: Clock;
  /** Called after each attempt that failed; `since` is when the first one began, in milliseconds since the epoch. */
  onTrouble: (error: StorageError, since: number) => void;
  /** Called when the storage works again. */
  onOver: (since: number) => void;
}

/**
 * How long to wait for a storage that cannot be used, in milliseconds. Activity is lost when it is given up. A link is
 * made anyway when the visitor writes again, and the visitor may be waiting for an answer.
 */
const PATIENCE_MS = { remember: 10 * 60_000, link: 30_000 };
const pauseAfter = backoff({ first: 250, longest: 5_000 });

/**
 * A memory that keeps trying to store what comes only once: activity, which the stream does not repeat, and links
 * and replies, whose webhooks have been answered. Whatever else a flow does is tried again later anyway.
 */
export function patient(memory: NamedMemory, options: PatienceOptions): NamedMemory {
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
    remember: (batches) => insist(PATIENCE_MS.remember, () => memory.remember(batches)),
    link: (request) => insist(PATIENCE_MS.link, () => memory.link(request)),
    closeConversation: (conversation) =>
      insist(PATIENCE_MS.link, () => memory.closeConversation(conversation)),
    recordReply: (reply) => insist(PATIENCE_MS.link, () => memory.recordReply(reply)),
  };
}
