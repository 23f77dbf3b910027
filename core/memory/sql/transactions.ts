import { sql } from 'kysely';
import type { Database, Tx } from './tables';

// What PostgreSQL needs and SQLite does not. A transaction in SQLite has the database to itself from its beginning. On
// a server, other transactions write meanwhile. So every row that is read in order to be written is locked first,
// always in this order: the memory, its offers, its sessions by their row ids, then what belongs to a session.

/** Whether other transactions may write during this one. */
export function isShared(db: Database): boolean {
  return db.getExecutor().adapter.supportsMultipleConnections ?? false;
}

/**
 * Runs `work` in a transaction. If another transaction gets in its way, the whole call is made again
 * (`postgresMemory.ts`), so `work` must do nothing but SQL.
 */
export async function transact<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await db.transaction().execute(work);
}

/**
 * Keeps transactions that bring sessions to a memory apart from those that look for a session in vain, until they end.
 * Neither could see what the other is about to leave, so a conversation would wait for a session that is there.
 * Transactions that bring sessions do not wait for each other.
 */
export async function lockMemory(
  tx: Tx,
  memory: string,
  who: 'bringing' | 'missing',
): Promise<void> {
  if (!isShared(tx)) return;
  const key = keyOf(`autoplay memory ${memory}`);
  await (
    who === 'bringing'
      ? sql`select pg_advisory_xact_lock_shared(${key})`
      : sql`select pg_advisory_xact_lock(${key})`
  ).execute(tx);
}

/**
 * Keeps transactions that decide about offers of a memory apart until they end: each sees what the others have decided.
 */
export async function lockOffers(tx: Tx, memory: string): Promise<void> {
  if (!isShared(tx)) return;
  await sql`select pg_advisory_xact_lock(${keyOf(`autoplay offers ${memory}`)})`.execute(tx);
}

function keyOf(name: string) {
  return sql`hashtextextended(${name}, 0)`;
}
