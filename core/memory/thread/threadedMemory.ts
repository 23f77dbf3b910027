import type { MessagePort, Worker } from 'node:worker_threads';
import { StorageError } from '../errors';
import { forward, type Call, type Result } from '../forward';
import type { SessionMemory } from '../types';
import { toError, toFailure, type Answer, type Request } from './messages';

interface ThreadedMemoryOptions {
  /** Starts a thread that answers calls by {@link serveMemory}. */
  start(): Worker;
  /** Called when a damaged database was replaced by a new one, with the path of the old one. */
  onReplaced(movedTo: string): void;
}

/** A thread that runs, and the calls that wait for its answers. */
interface Running {
  thread: Worker;
  waiting: Map<number, PromiseWithResolvers<unknown>>;
}

/**
 * A session memory whose database work is done in a thread of its own, so that storing one execution's batches does not
 * block n8n's event loop. The thread starts with the first call. If it ends, the calls that wait for it fail with a
 * StorageError, and the next call starts another one. It does not keep the process alive while no call waits.
 *
 * All methods throw what the memory in the thread throws.
 */
export function createThreadedMemory({ start, onReplaced }: ThreadedMemoryOptions): SessionMemory {
  let current: Running | undefined;
  let calls = 0;

  function begin(): Running {
    const running: Running = { thread: startThread(start), waiting: new Map() };
    const { thread, waiting } = running;
    let why: unknown;
    thread.on('message', (answer: Answer) => {
      if ('replaced' in answer) return onReplaced(answer.replaced);
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) thread.unref();
      if ('failure' in answer) asked?.reject(toError(answer.failure));
      else asked?.resolve(answer.result);
    });
    thread.on('error', (error) => void (why = error));
    thread.on('exit', () => {
      if (current === running) current = undefined;
      for (const { reject } of waiting.values()) reject(threadEnded(why));
      waiting.clear();
    });
    thread.unref();
    current = running;
    return running;
  }

  const call: Call = async (method, args) => {
    const { thread, waiting } = current ?? begin();
    const id = ++calls;
    const answer = Promise.withResolvers<unknown>();
    thread.postMessage({ id, method, args } satisfies Request);
    if (waiting.size === 0) thread.ref();
    waiting.set(id, answer);
    return (await answer.promise) as Result<typeof method>;
  };

  return {
    ...forward(call),
    async close() {
      const last = current;
      if (!last) return;
      await call('close', []);
      if (current === last) current = undefined;
      await last.thread.terminate();
    },
  };
}

/**
 * The other side: answers calls from another thread with a memory of this one.
 *
 * @param open makes the memory; it is given what to call when a damaged database was replaced, with the path of the old
 *   one
 */
export function serveMemory(
  channel: MessagePort,
  open: (onReplaced: (movedTo: string) => void) => SessionMemory,
): void {
  const post = (answer: Answer) => channel.postMessage(answer);
  const memory = open((replaced) => post({ replaced }));
  channel.on('message', ({ id, method, args }: Request) => {
    const work = memory[method] as (...args: unknown[]) => Promise<unknown>;
    work(...args)
      .then((result) => post({ id, result }))
      .catch((error: unknown) => post({ id, failure: toFailure(error) }));
  });
}

function startThread(start: ThreadedMemoryOptions['start']): Worker {
  try {
    return start();
  } catch (error) {
    throw threadEnded(error);
  }
}

/** @param why what ended it, if anything is known of that */
function threadEnded(why: unknown): StorageError {
  const reason = why === undefined ? '' : `: ${why instanceof Error ? why.message : String(why)}`;
  const lacksMemory = (why as { code?: unknown } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const advice = lacksMemory
    ? 'It starts again by itself. Give n8n more memory: see the limit of its heap (NODE_OPTIONS=--max-old-space-size) and of its container.'
    : 'It starts again by itself. If it keeps ending, restart n8n, which an update of the package requires anyway.';
  return new StorageError(`The thread of the session memory ended${reason}`, advice, {
    cause: why,
  });
}
