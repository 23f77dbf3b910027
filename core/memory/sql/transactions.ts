import { sql } from 'kysely';
import type { Database, Tx } from './tables';

// What PostgreSQL needs and SQLite does not: there, a transaction has the database to itself from its
// beginning; here, others write while it goes on. So whatever is read in order to be written is locked
// first, always in this order: the memory, its sessions by their ids, then what hangs on a session.

/** Whether others may write while a transaction goes on. */
export function isShared(db: Database): boolean {
  return db.getExecutor().adapter.supportsMultipleConnections ?? false;
}

/**
 * Runs `work` in a transaction. The whole call begins anew if others get in its way (`postgresMemory.ts`), so it
 * must not do anything but SQL.
 */
export async function transact<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await db.transaction().execute(work);
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
