import { startQueueN8n, type QueueN8n } from '../../tools/n8n';
import { createDatabase, startPostgres, type DatabaseAddress } from '../../tools/servers/postgres';
import { startRedis } from '../../tools/servers/redis';
import { installAsComposed } from './compose';
import { createStage, type Shipped, type Stage, type StageOptions } from './stage';

/** An n8n in queue mode, with its own data and the memory in PostgreSQL. */
export interface QueueStage {
  stage: Stage;
  n8n: QueueN8n;
  /** Of the memory's database. */
  memory: DatabaseAddress;
  /** Stops all of it. */
  stop(): Promise<void>;
}

/** A stage whose n8n has several processes, each with the package as `docker-compose.yml` installs it. */
export async function createQueueStage(
  shipped: readonly Shipped[],
  { change, ...processes }: { workers: number; webhooks?: boolean } & Pick<StageOptions, 'change'>,
): Promise<QueueStage> {
  await using started = new AsyncDisposableStack();
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  started.defer(() => postgres.stop());
  started.defer(() => redis.stop());
  const database = await createDatabase(postgres.address, 'n8n');
  const memory = await createDatabase(postgres.address, 'memory');
  const volume = await installAsComposed();
  started.defer(() => volume.remove());
  const { host, port, user, password } = memory;
  const where = { host, port: String(port), database: memory.database };
  let n8n: QueueN8n;
  const stage = await createStage(shipped, {
    ...(change && { change }),
    credentials: { autoplayMemoryApi: { storage: 'postgres', ...where, user, password } },
    start: async (onLog) =>
      (n8n = await startQueueN8n({
        services: { database, redis },
        ...processes,
        install: volume.into,
        onLog,
      })),
  });
  started.defer(() => stage.stop());
  const cleanUp = started.move();
  return { stage, n8n: n8n!, memory, stop: () => cleanUp.disposeAsync() };
}
