import { sql } from 'kysely';
import { wait, type Clock } from '../../clock';
import type { Database } from './tables';
import { isShared } from './transactions';

/** A file shrinks once this part of it is empty: room that was needed once is likely to be needed again. */
const EMPTY_PART = 0.5;
/** A smaller file never shrinks. */
const SMALLEST_BYTES = 8_000_000;
/** Pages given back in one step, so that other calls need not wait long for their turn. */
const PAGES_AT_ONCE = 500;

/** SQLite's number for files that were made with `auto_vacuum = incremental`. */
const INCREMENTAL = 2;

/**
 * Empties SQLite's write-ahead log, in which what was erased would otherwise remain until the log is written back and
 * cut. PostgreSQL needs none of this.
 */
export async function emptyLog(db: Database): Promise<void> {
  if (!isShared(db)) await sql`pragma wal_checkpoint(truncate)`.execute(db);
}

/**
 * Gives the room that a SQLite file does not need any more back to the disk. A file of version 0.1.0 has to be written
 * anew once for that, which writes as much as is in it: less than half of its size. PostgreSQL does this by itself.
 */
export async function shrink(db: Database, clock: Clock): Promise<void> {
  if (isShared(db)) return;
  const pages = await read(db, 'page_count');
  const empty = await read(db, 'freelist_count');
  const bytes = pages * (await read(db, 'page_size'));
  if (bytes < SMALLEST_BYTES || empty < pages * EMPTY_PART) return;
  if ((await read(db, 'auto_vacuum')) !== INCREMENTAL) {
    await sql`pragma auto_vacuum = incremental`.execute(db);
    await sql`vacuum`.execute(db);
    return;
  }
  for (let left = empty; left > 0; left -= PAGES_AT_ONCE) {
    await sql`pragma incremental_vacuum(${sql.lit(PAGES_AT_ONCE)})`.execute(db);
    await wait(clock, 0);
  }
}

type Setting = 'page_count' | 'freelist_count' | 'page_size' | 'auto_vacuum';

async function read(db: Database, setting: Setting): Promise<number> {
  const { rows } = await sql<Record<string, number>>`pragma ${sql.raw(setting)}`.execute(db);
  return rows[0]?.[setting] ?? 0;
}
