import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

interface DiskUse {
  /** Bytes in the memory's database and in n8n's own, without erased pages. */
  memoryBytes: number;
  n8nBytes: number;
  /** The number of actions in the memory, and of sessions with unfinished work. */
  actions: number;
  unfinished: number;
  /** The executions that n8n has started so far, kept or not. */
  executions: number;
}

const TABLES = "'autoplay_action', 'autoplay_link'";

/** What a running n8n has stored in its user folder. */
export function diskUse(userFolder: string): DiskUse {
  const folder = join(userFolder, '.n8n');
  const memory = join(folder, 'autoplay', 'memory.sqlite');
  const [memoryBytes, actions, unfinished] = read(memory, (db): [number, number, number] =>
    // A trigger opens the file, and then makes the tables.
    numberIn(db, `SELECT count(*) FROM sqlite_schema WHERE name IN (${TABLES})`) < 2
      ? [0, 0, 0]
      : [
          usedBytes(db),
          numberIn(db, 'SELECT count(*) FROM autoplay_action'),
          numberIn(
            db,
            'SELECT count(*) FROM autoplay_link WHERE ended_at IS NULL AND due_at IS NOT NULL',
          ),
        ],
  ) ?? [0, 0, 0];
  const [n8nBytes, executions] = read(join(folder, 'database.sqlite'), (db): [number, number] => [
    usedBytes(db),
    // SQLite counts the ids that it has given, also those of rows that were deleted.
    numberIn(
      db,
      "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'execution_entity'",
    ),
  ]) ?? [0, 0];
  return { memoryBytes, n8nBytes, actions, unfinished, executions };
}

function read<T>(file: string, look: (db: DatabaseSync) => T): T | undefined {
  if (!existsSync(file)) return undefined;
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    return look(db);
  } finally {
    db.close();
  }
}

/** Read from the database and not from the file's size, because some of it may still be in the log. */
function usedBytes(db: DatabaseSync): number {
  const pages = numberIn(db, 'PRAGMA page_count') - numberIn(db, 'PRAGMA freelist_count');
  return pages * numberIn(db, 'PRAGMA page_size');
}

function numberIn(db: DatabaseSync, query: string): number {
  return Number(Object.values(db.prepare(query).get() ?? {})[0]);
}
