import type { MessagePort } from 'node:worker_threads';
import type { SessionMemory } from '../types';
import { toFailure, type Answer, type Call } from './messages';

/**
 * Answers calls from another thread with a memory of this one.
 *
 * @param open makes the memory; it is given what to call when a damaged database was replaced, with where
 *   the old one is
 */
export function serveMemory(
  channel: MessagePort,
  open: (onReplaced: (movedTo: string) => void) => SessionMemory,
): void {
  const tell = (answer: Answer) => channel.postMessage(answer);
  const memory = open((replaced) => tell({ replaced }));
  channel.on('message', ({ id, method, args }: Call) => {
    const work = memory[method] as (...args: unknown[]) => Promise<unknown>;
    work(...args)
      .then((result) => tell({ id, result }))
      .catch((error: unknown) => tell({ id, failure: toFailure(error) }));
  });
}
