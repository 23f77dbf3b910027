import { sql } from 'kysely';
import { wait, type Clock } from '../../clock';
import type { Database } from './tables';

/** Room that was once needed is needed again: a file shrinks when at least this part of it is empty, */
const EMPTY_PART = 0.5;
/** and no file that is small anyway. */
const SMALLEST_BYTES = 8_000_000;
/** Given back at once, so that others need not wait long for their turn. */
const PAGES_AT_ONCE = 500;

/** As SQLite says how a file was made. */
const INCREMENTAL = 2;

/**
 * Gives the disk back what a SQLite file does not need any more. One of version 0.1.0 has to be written anew for
 * that, once: as much as is in it, which is less than half of its size.
 */
export async function shrink(db: Database, clock: Clock): Promise<void> {
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
