import type { MessagePort } from 'node:worker_threads';
import type { SessionMemory } from '../types';
import { toFailure, type Answer, type Call } from './messages';

/**
 * Answers calls from another thread with a memory of this one.
 *
 * @returns what tells the other thread that a damaged database was replaced, and where the old one is
 */
export function serveMemory(
  channel: MessagePort,
  memory: SessionMemory,
): (movedTo: string) => void {
  const tell = (answer: Answer) => channel.postMessage(answer);
  channel.on('message', ({ id, method, args }: Call) => {
    const work = memory[method] as (...args: unknown[]) => Promise<unknown>;
    work(...args)
      .then((result) => tell({ id, result }))
      .catch((error: unknown) => tell({ id, failure: toFailure(error) }));
  });
  return (replaced) => tell({ replaced });
}
