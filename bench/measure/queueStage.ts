import { createConnection } from 'node:net';
import { Client } from 'pg';
import { freePort, installPackage, startQueueN8n } from '../../tools/n8n';
import { cacheFolder } from '../../tools/n8n/install';
import { createDatabase, startPostgres } from '../../tools/servers/postgres';
import { startRedis } from '../../tools/servers/redis';
import type { Run } from '../types';
import { inspect } from './inspector';
import { publish, startServices } from './services';
import { HEAP_MB } from './stage';
import { finished, type Parts } from './usage';

/**
 * As in `docker-compose.yml`. Most executions of a worker wait for services, and with n8n's default of 10 the next ones
 * wait for a worker instead of being remembered.
 */
const EXECUTIONS_PER_WORKER = 50;

export interface QueueStageOptions {
  /** None: n8n in regular mode, one process that runs the executions itself. */
  workers: number;
  /** The limit of each n8n process's heap, in MB. */
  heapMb?: number;
}

export type QueueStage = Awaited<ReturnType<typeof createQueueStage>>;

/**
 * n8n with the Intercom workflow: a main process, workers, Redis, and all data in PostgreSQL, n8n's own and the memory
 * in a database each.
 */
async function createQueueStage({ workers, heapMb = HEAP_MB }: QueueStageOptions) {
  await using started = new AsyncDisposableStack();
  const services = await startServices();
  started.defer(services.stop);
  const postgres = await startPostgres();
  started.defer(() => postgres.stop());
  const redis = await startRedis();
  started.defer(() => redis.stop());
  const database = await createDatabase(postgres.address, 'n8n');
  const memory = await createDatabase(postgres.address, 'memory');
  // The port is only chosen here; the first process that is asked to opens it.
  const inspectorPort = await freePort();
  const n8n = await startQueueN8n({
    services: { database, redis },
    workers,
    install: async (userFolder) => {
      await installPackage({ userFolder, reuse: cacheFolder() });
    },
    env: {
      NODE_OPTIONS: `--inspect-port=${inspectorPort} --max-old-space-size=${heapMb}`,
      ...(workers === 0
        ? { EXECUTIONS_MODE: 'regular' }
        : { N8N_CONCURRENCY_PRODUCTION_LIMIT: String(EXECUTIONS_PER_WORKER) }),
    },
  });
  started.defer(() => n8n.stop());
  const { host, port, user, password } = memory;
  const where = { host, port: String(port), database: memory.database };
  await publish(n8n.rest, services.urls, {
    workflow: 'intercom',
    credentials: { autoplayMemoryApi: { storage: 'postgres', ...where, user, password } },
  });
  const client = new Client(memory);
  await client.connect();
  started.defer(() => client.end());
  const workerPids = () => n8n.workers.map(({ pid }) => pid);
  const count = async (query: string): Promise<number> =>
    (await client.query<{ count: number }>(query)).rows[0]!.count;
  const unfinished = async (): Promise<number> =>
    // The tables are made by the first execution.
    (await count(`select (to_regclass('autoplay_link') is not null)::int as count`)) &&
    (await count(
      'select count(*)::int from autoplay_link where ended_at is null and due_at is not null',
    ));
  const cleanUp = started.move();
  return {
    ...services,
    pid: n8n.n8n.pid,
    get workerPids() {
      return workerPids();
    },
    get parts(): Parts {
      return {
        'main process': [n8n.n8n.pid],
        ...(workers > 0 && { workers: workerPids(), Redis: [redis.pid] }),
        PostgreSQL: [postgres.pid],
      };
    },
    /** Starts as many more as are lacking. */
    async haveWorkers(count: number): Promise<void> {
      while (n8n.workers.length < count) await n8n.startWorker();
    },
    /** The number of actions in the memory. */
    remembered: () => count('select count(*)::int from autoplay_action'),
    /** The number of executions that no worker has started. */
    waitingExecutions: async () => await lengthOf(redis.port, 'bull:jobs:wait'),
    /** Resolves once nothing is left to be done for any session and n8n is calm, or after `mostMs`. */
    finished: async (mostMs: number, signal: AbortSignal): Promise<void> =>
      await finished(unfinished, [n8n.n8n.pid, ...workerPids()], mostMs, signal),
    /** Opens Node's inspector in one of n8n's processes; in one at a time, because they share a port. */
    inspect: (pid: number) => inspect(pid, inspectorPort),
    stop: () => cleanUp.disposeAsync(),
  };
}

/** The length of a list in Redis. */
async function lengthOf(port: number, list: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = createConnection(port, '127.0.0.1', () => void socket.write(`LLEN ${list}\r\n`));
  socket.once('data', (answer) => resolve(String(answer)));
  socket.once('error', reject);
  try {
    return Number(/^:(\d+)/.exec(await promise)![1]);
  } finally {
    socket.destroy();
  }
}

/** Runs work with a listening n8n, and stops it afterwards. */
export async function withQueueStage<T>(
  options: QueueStageOptions,
  { progress, signal }: Pick<Run, 'progress' | 'signal'>,
  work: (stage: QueueStage) => Promise<T>,
): Promise<T> {
  const { workers } = options;
  progress(`starting n8n ${workers > 0 ? `with ${workers} workers` : 'in regular mode'}`);
  const stage = await createQueueStage(options);
  try {
    await stage.subscribed(signal);
    return await work(stage);
  } finally {
    await stage.stop();
  }
}
