import { createConnection } from 'node:net';
import { Client } from 'pg';
import { installPackage, startQueueN8n } from '../../tools/n8n';
import { cacheFolder } from '../../tools/n8n/install';
import { createDatabase, startPostgres } from '../../tools/servers/postgres';
import { startRedis } from '../../tools/servers/redis';
import type { Run } from '../types';
import { publish, startServices } from './services';
import { HEAP_MB } from './stage';

export type QueueStage = Awaited<ReturnType<typeof createQueueStage>>;

/** n8n in queue mode with the Intercom workflow: a main process, two workers, Redis, and all data in PostgreSQL. */
async function createQueueStage() {
  await using started = new AsyncDisposableStack();
  const services = await startServices();
  started.defer(services.stop);
  const postgres = await startPostgres();
  started.defer(() => postgres.stop());
  const redis = await startRedis();
  started.defer(() => redis.stop());
  const database = await createDatabase(postgres.address, 'n8n');
  const memory = await createDatabase(postgres.address, 'memory');
  const n8n = await startQueueN8n({
    services: { database, redis },
    workers: 2,
    install: async (userFolder) => {
      await installPackage({ userFolder, reuse: cacheFolder() });
    },
    env: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` },
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
  const cleanUp = started.move();
  return {
    ...services,
    pid: n8n.n8n.pid,
    workerPids: n8n.workers.map(({ pid }) => pid),
    /** The number of actions in the memory. */
    async remembered(): Promise<number> {
      const { rows } = await client.query<{ count: number }>(
        'select count(*)::int from autoplay_action',
      );
      return rows[0]!.count;
    },
    /** The number of executions that no worker has started. */
    waitingExecutions: async () => await lengthOf(redis.port, 'bull:jobs:wait'),
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

/** Runs work with a listening n8n in queue mode, and stops it afterwards. */
export async function withQueueStage<T>(
  { progress, signal }: Pick<Run, 'progress' | 'signal'>,
  work: (stage: QueueStage) => Promise<T>,
): Promise<T> {
  progress('starting n8n in queue mode');
  const stage = await createQueueStage();
  try {
    await stage.subscribed(signal);
    return await work(stage);
  } finally {
    await stage.stop();
  }
}
