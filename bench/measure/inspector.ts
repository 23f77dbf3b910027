import { setTimeout as sleep } from 'node:timers/promises';
import type { CpuProfile } from './profile';

/** Node's inspector, opened in another process. */
interface Inspector {
  /** Samples the event loop's thread a thousand times a second; returns a function that ends this. */
  profile(): Promise<() => Promise<CpuProfile>>;
  /** The bytes in the heap and its buffers after garbage collection. */
  heldBytes(): Promise<number>;
  /** Ends the connection, and frees the port for another process. */
  close(): Promise<void>;
}

const SAMPLE_EVERY_US = 1_000;
const PATIENCE_MS = 10_000;

/**
 * Opens the inspector of a Node process.
 *
 * @param port the process's `--inspect-port`
 * @throws Error when it does not open
 */
export async function inspect(pid: number, port: number): Promise<Inspector> {
  process.kill(pid, 'SIGUSR1');
  const { call, closed } = await connect(await addressOf(port));
  return {
    async close() {
      // No answer comes, because the process closes the connection first.
      const expression = "process.getBuiltinModule('node:inspector').close()";
      call('Runtime.evaluate', { expression }).catch(() => {});
      await closed;
    },
    async profile() {
      await call('Profiler.enable');
      await call('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
      await call('Profiler.start');
      return async () => (await call<{ profile: CpuProfile }>('Profiler.stop')).profile;
    },
    async heldBytes() {
      // Finalizers of collected objects release more.
      for (let i = 0; i < 3; i += 1) {
        await call('HeapProfiler.collectGarbage');
        await sleep(100);
      }
      const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())';
      const { result } = await call<{ result: { value: number } }>('Runtime.evaluate', {
        expression,
      });
      return result.value;
    },
  };
}

async function addressOf(port: number): Promise<string> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
      const [target] = (await answer.json()) as Array<{ webSocketDebuggerUrl: string }>;
      if (target) return target.webSocketDebuggerUrl;
    } catch (cause) {
      if (performance.now() > deadline) throw new Error('The inspector did not open', { cause });
    }
    await sleep(50);
  }
}

interface Answer {
  id?: number;
  result?: unknown;
  error?: { message: string };
}

async function connect(url: string) {
  const socket = new WebSocket(url);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let calls = 0;
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error('The inspector refused the connection'));
  });
  socket.onmessage = ({ data }) => {
    const { id, result, error } = JSON.parse(String(data)) as Answer;
    const asked = id === undefined ? undefined : waiting.get(id);
    if (id === undefined || !asked) return;
    waiting.delete(id);
    if (error) asked.reject(new Error(`The inspector: ${error.message}`));
    else asked.resolve(result);
  };
  const closed = Promise.withResolvers<void>();
  socket.onclose = () => {
    closed.resolve();
    for (const asked of waiting.values())
      asked.reject(new Error('The inspector closed the connection'));
    waiting.clear();
  };
  return {
    call<T>(method: string, params: Record<string, unknown> = {}): Promise<T> {
      const asked = Promise.withResolvers<unknown>();
      const id = (calls += 1);
      waiting.set(id, asked);
      socket.send(JSON.stringify({ id, method, params }));
      return asked.promise as Promise<T>;
    },
    closed: closed.promise,
  };
}
