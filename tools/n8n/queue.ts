import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseAddress } from '../servers/postgres';
import { ensureN8n } from './install';
import { freePort } from './ports';
import { type RunningN8n, startN8n } from './process';
import { createRest, type Rest } from './rest';
import { owner } from './owner';

/** The services that the processes of an n8n in queue mode share. */
export interface QueueServices {
  /** n8n's own database. */
  database: DatabaseAddress;
  redis: { host: string; port: number };
  encryptionKey: string;
}

/** The environment that makes n8n's processes one n8n in queue mode; the same for all of them. */
export function queueEnvironment({ database, redis, encryptionKey }: QueueServices) {
  return {
    EXECUTIONS_MODE: 'queue',
    QUEUE_BULL_REDIS_HOST: redis.host,
    QUEUE_BULL_REDIS_PORT: String(redis.port),
    // Each worker answers health checks on its own port.
    QUEUE_HEALTH_CHECK_ACTIVE: 'true',
    // In milliseconds: a dead worker is noticed after at most 45 s, when its claims lapse as well.
    QUEUE_WORKER_LOCK_DURATION: '30000',
    QUEUE_WORKER_LOCK_RENEW_TIME: '10000',
    QUEUE_WORKER_STALLED_INTERVAL: '15000',
    OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
    N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
    DB_TYPE: 'postgresdb',
    DB_POSTGRESDB_HOST: database.host,
    DB_POSTGRESDB_PORT: String(database.port),
    DB_POSTGRESDB_DATABASE: database.database,
    DB_POSTGRESDB_USER: database.user,
    DB_POSTGRESDB_PASSWORD: database.password,
    N8N_ENCRYPTION_KEY: encryptionKey,
  };
}

/** A process beside the main one, with the lines it wrote. */
export interface Worker extends RunningN8n {
  lines: readonly string[];
}

/** An n8n in queue mode, used by one test file. */
export interface QueueN8n {
  readonly n8n: RunningN8n;
  rest: Rest;
  /** The main process's. */
  userFolder: string;
  /** In the order in which they were started. */
  workers: readonly Worker[];
  /** Answers webhooks in place of the main process, if there is one. */
  webhooks: Worker | undefined;
  /** Stops the main process (or kills it) and starts it again. */
  restart(options?: { kill?: boolean }): Promise<void>;
  /** Starts one more. */
  startWorker(): Promise<Worker>;
  /** Stops all processes and removes their folders. */
  stop(): Promise<void>;
}

/**
 * Starts a main process and workers, each with the package in its own user folder, as containers have it.
 *
 * @param options.webhooks starts a process that answers the webhooks of published workflows; the main one then does not
 * @param options.install puts the package into a user folder
 * @param options.env more variables for every process
 * @param options.onLog gets every line of every process
 */
export async function startQueueN8n(options: {
  services: Omit<QueueServices, 'encryptionKey'>;
  workers: number;
  webhooks?: boolean;
  install: (userFolder: string) => Promise<void>;
  env?: Record<string, string>;
  onLog?: (line: string) => void;
}): Promise<QueueN8n> {
  const n8n = await ensureN8n();
  const encryptionKey = randomBytes(24).toString('hex');
  const webhookPort = options.webhooks ? await freePort() : undefined;
  const env = {
    ...queueEnvironment({ ...options.services, encryptionKey }),
    ...(webhookPort && {
      N8N_DISABLE_PRODUCTION_MAIN_PROCESS: 'true',
      WEBHOOK_URL: `http://127.0.0.1:${webhookPort}/`,
    }),
    ...options.env,
  };
  const folders: string[] = [];
  const workers: Worker[] = [];
  let webhooks: Worker | undefined;
  let main: RunningN8n | undefined;

  const newFolder = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'n8n-autoplay-queue-'));
    folders.push(folder);
    await options.install(folder);
    return folder;
  };
  const startMain = async (userFolder: string, port: number) => {
    const onLog = options.onLog ?? (() => {});
    return await startN8n({ n8n, userFolder, port, env, onLog });
  };
  const startBeside = async (command: 'worker' | 'webhook', port: number): Promise<Worker> => {
    const lines: string[] = [];
    const onLog = (line: string) => {
      lines.push(line);
      options.onLog?.(line);
    };
    const userFolder = await newFolder();
    return { ...(await startN8n({ n8n, command, userFolder, port, env, onLog })), lines };
  };
  const startWorker = async (): Promise<Worker> => {
    const worker = await startBeside('worker', await freePort());
    workers.push(worker);
    return worker;
  };
  const stop = async () => {
    await Promise.all([main, webhooks, ...workers].map(async (one) => await one?.stop()));
    for (const folder of folders) {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  };

  try {
    const userFolder = await newFolder();
    const port = await freePort();
    // First and alone: it makes the tables of n8n's database.
    main = await startMain(userFolder, port);
    for (let i = 0; i < options.workers; i++) await startWorker();
    if (webhookPort) webhooks = await startBeside('webhook', webhookPort);
    const rest = createRest(main.url, webhooks?.url);
    await rest.setUpOwner(owner);
    return {
      get n8n() {
        return main!;
      },
      rest,
      userFolder,
      workers,
      webhooks,
      async restart({ kill = false } = {}) {
        await (kill ? main!.kill() : main!.stop());
        main = await startMain(userFolder, port);
      },
      startWorker,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
