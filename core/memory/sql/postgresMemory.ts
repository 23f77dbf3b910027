import { backoff } from '../../backoff';
import { systemClock, wait, type Clock } from '../../clock';
import { delegating } from '../delegating';
import type { SessionMemory } from '../types';
import { openSqlMemory, type SqlMemoryOptions } from './memory';
import { postgresDialect, type PostgresServer, type PostgresTimeouts } from './postgres';
import { explained } from './postgresErrors';
import { canBeginAnew } from './postgresPool';

interface PostgresMemoryOptions extends Pick<
  SqlMemoryOptions,
  'clock' | 'serverTime' | 'newId' | 'rules'
> {
  timeouts?: PostgresTimeouts;
  /** What the pauses between attempts go by. */
  retries?: Retries;
}

/** The time of this machine, not of what happens in the memory. */
interface Retries {
  clock: Clock;
  random: () => number;
}

/** How often a call is made at most, and after how many milliseconds only the second time. */
const ATTEMPTS = 10;
const PATIENCE_MS = 10_000;
/**
 * While the memory is opened, the schema may be changed, by us or by another process that we wait for: a large
 * table's index takes minutes. How long such statements are waited for; the others show whether the server is there.
 */
const MIGRATION_MS = 3_600_000;
const MIGRATION = /^\s*(create|alter|drop|insert|update|delete)\b|\bpg_advisory/i;
/** Two calls that got in each other's way must not meet again. */
const pauseAfter = backoff({ first: 10, longest: 1_000, jitter: [0.5, 1] });

/**
 * Opens a session memory in PostgreSQL, whose errors say what is wrong with the server. Connections are
 * opened when they are needed, so it goes on by itself when the server comes back after an outage. A call that
 * others got in the way of, or whose connection broke before anything was committed, is made again.
 * @throws StorageError, or what the database says
 */
export async function openPostgresMemory(
  server: PostgresServer,
  { timeouts, retries, ...options }: PostgresMemoryOptions,
): Promise<SessionMemory> {
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await untilFree(work, retries);
    } catch (error) {
      throw explained(error, server);
    }
  };
  let opened = false;
  const patience = (text: string) => (!opened && MIGRATION.test(text) ? MIGRATION_MS : undefined);
  const dialect = postgresDialect(server, timeouts, patience);
  const memory = await run(() => openSqlMemory({ engine: 'postgres', dialect, ...options }));
  opened = true;
  return delegating((work) => run(() => work(memory)));
}

/** Repeats work while it fails for a reason that passes and certainly left nothing behind. */
async function untilFree<T>(
  work: () => Promise<T>,
  { clock, random }: Retries = { clock: systemClock, random: Math.random },
): Promise<T> {
  const since = clock.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isLate = attempt > 1 && clock.now() - since >= PATIENCE_MS;
      if (attempt === ATTEMPTS || isLate || !canBeginAnew(error)) throw error;
    }
    await wait(clock, pauseAfter(attempt, random));
  }
}
