import type { Worker } from 'node:worker_threads';
import { delegating } from '../delegating';
import { StorageError } from '../errors';
import type { SessionMemory } from '../types';
import { toError, type Answer, type Call } from './messages';

interface ThreadedMemoryOptions {
  /** Starts a thread that answers calls, by `serveMemory`. */
  start(): Worker;
  /** Told that the database was damaged and a new one was begun, and where the old one is. */
  onReplaced(movedTo: string): void;
}

/** A thread that runs, and who waits for its answers. */
interface Running {
  thread: Worker;
  waiting: Map<number, PromiseWithResolvers<unknown>>;
}

/**
 * A session memory whose database work is done in a thread of its own, beside the event loop: what one
 * execution remembers holds up nobody else's calls. The thread starts with the first call, and anew
 * with the next one if it ends; then whoever waited gets a StorageError. It does not keep the process
 * alive while nobody waits.
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

  async function call(method: Call['method'], args: unknown[]): Promise<unknown> {
    const { thread, waiting } = current ?? begin();
    const id = ++calls;
    const answer = Promise.withResolvers<unknown>();
    thread.postMessage({ id, method, args } satisfies Call);
    if (waiting.size === 0) thread.ref();
    waiting.set(id, answer);
    return await answer.promise;
  }

  const methods = {
    get:
      (_: object, method: string) =>
      (...args: unknown[]) =>
        call(method as Call['method'], args),
  };
  const remote = new Proxy({}, methods) as SessionMemory;
  return {
    ...delegating((work) => work(remote)),
    async close() {
      const last = current;
      if (!last) return;
      await call('close', []);
      if (current === last) current = undefined;
      await last.thread.terminate();
    },
  };
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
    ? 'It is started anew by itself. Give n8n more memory: see the limit of its heap (NODE_OPTIONS=--max-old-space-size) and of its container.'
    : 'It is started anew by itself. If it ends again and again, restart n8n: after an update of the package that has to be done anyway.';
  return new StorageError(`The thread of the session memory ended${reason}`, advice, {
    cause: why,
  });
}
