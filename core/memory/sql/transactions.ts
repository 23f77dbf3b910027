import { sql } from 'kysely';
import type { Database, Tx } from './tables';

// What PostgreSQL needs and SQLite does not: there, a transaction has the database to itself from its
// beginning; here, others write while it goes on. So whatever is read in order to be written is locked
// first, always in this order: the memory, its sessions by their ids, then what hangs on a session.

/** How often a transaction that got into another's way begins anew. */
const ATTEMPTS = 10;
/** PostgreSQL's words for that: serialization_failure, deadlock_detected. */
const CONFLICTS = new Set(['40001', '40P01']);

/** Whether others may write while a transaction goes on. */
export function isShared(db: Database): boolean {
  return db.getExecutor().adapter.supportsMultipleConnections ?? false;
}

/** Runs `work` in a transaction; more than once if others get in its way, so it must not do anything else. */
export async function transact<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await retrying(() => db.transaction().execute(work));
}

/** Runs one statement, or a transaction, until nobody gets in its way. */
export async function retrying<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !CONFLICTS.has((error as { code?: string }).code ?? '')) {
        throw error;
      }
    }
  }
}

/**
 * Keeps apart, until the transaction ends, who brings sessions to a memory and who looks for one in
 * vain: neither could see what the other is about to leave, and a conversation would wait for a
 * session that is there. Those who bring sessions do not keep each other waiting.
 */
export async function lockMemory(
  tx: Tx,
  memory: string,
  who: 'bringing' | 'missing',
): Promise<void> {
  if (!isShared(tx)) return;
  const key = sql`hashtextextended(${`autoplay memory ${memory}`}, 0)`;
  await (
    who === 'bringing'
      ? sql`select pg_advisory_xact_lock_shared(${key})`
      : sql`select pg_advisory_xact_lock(${key})`
  ).execute(tx);
}
