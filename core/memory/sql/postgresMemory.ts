import { backoff } from '../../backoff';
import { systemClock, wait, type Clock } from '../../clock';
import { forward } from '../forward';
import type { MemoryParts, SessionMemory } from '../types';
import { closeDatabase, inSql, openDatabase } from './memory';
import { postgresDialect, type PostgresServer, type PostgresTimeouts } from './postgres';
import { explained } from './postgresErrors';
import { canBeginAnew } from './postgresPool';
import type { SqlContext } from './tables';

export interface PostgresMemoryParts extends MemoryParts {
  /** Goes by the server's time, on which all machines agree, instead of the clock's. */
  serverTime?: boolean;
  timeouts?: PostgresTimeouts;
  /** What the pauses between attempts go by. */
  retries?: Retries;
}

/** Time and chance of this machine; not those of what happens in the memory. */
interface Retries {
  clock: Clock;
  random: () => number;
}

/** A call is made at most so often, and once this many milliseconds are over no more than twice. */
const ATTEMPTS = 10;
const PATIENCE_MS = 10_000;
/**
 * How long the answer to a statement that changes the schema is waited for while the memory is opened. This process may
 * be changing it, or waiting for another one that does: the index of a large table takes minutes. Other statements keep
 * their usual time limit, so they still show whether the server is there.
 */
const MIGRATION_MS = 3_600_000;
const MIGRATION = /^\s*(create|alter|drop|insert|update|delete)\b|\bpg_advisory/i;
/** Two calls that got in each other's way must not meet again. */
const pauseAfter = backoff({ first: 10, longest: 1_000, jitter: [0.5, 1] });

/**
 * A session memory in PostgreSQL, which is opened when it is first used and again with the next call if that failed.
 * Connections are opened when they are needed, so it works again by itself when the server is back after an outage. A
 * call is made again if other transactions got in its way, or if its connection broke before anything was committed.
 *
 * All methods throw StorageError when the server cannot be used.
 */
export function createPostgresMemory(
  server: PostgresServer,
  { serverTime, timeouts, retries, ...parts }: PostgresMemoryParts,
): SessionMemory {
  let current: Promise<SqlContext> | undefined;

  async function run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await untilFree(work, retries);
    } catch (error) {
      throw explained(error, server);
    }
  }

  async function open(): Promise<SqlContext> {
    let isOpen = false;
    const patience = (sql: string) =>
      !isOpen && MIGRATION.test(sql) ? MIGRATION_MS : timeouts?.answerMs;
    const dialect = postgresDialect(server, timeouts, patience);
    const opened = await run(() =>
      openDatabase({ engine: 'postgres', dialect, parts, ...(serverTime && { serverTime }) }),
    );
    isOpen = true;
    return opened;
  }

  /** The open database; a new one if the one before could not be opened. */
  function opened(): Promise<SqlContext> {
    if (current) return current;
    const next = open();
    current = next;
    next.catch(() => {
      if (current === next) current = undefined;
    });
    return next;
  }

  return {
    ...forward((method, args) =>
      opened().then((context) => run(() => inSql(context, method, args))),
    ),
    async close() {
      const last = current;
      current = undefined;
      if (last) await closeDatabase(last);
    },
  };
}

/** Repeats work while it fails for a reason that passes and that certainly left nothing behind. */
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
