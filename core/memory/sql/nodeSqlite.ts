import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { SqliteAdapter, SqliteDialect, type Dialect, type SqliteDatabase } from 'kysely';
import { systemClock, type Clock } from '../../clock';
import { waitingForOthers } from './sqliteLocks';

/** How long another process's lock is waited for on opening, when nothing else can go on, in milliseconds. */
const BUSY_TIMEOUT_MS = 500;
/** Distinct statements are few; the bound is against generated ones of every length. */
const MAX_CACHED_STATEMENTS = 300;

/** SQLite undoes changes of the schema with their transaction; Kysely's own adapter makes no use of that. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl() {
    return true;
  }
}

/**
 * Kysely's SQLite dialect over Node's own `node:sqlite`.
 *
 * @param file where the database stands, or `:memory:`; its folder is made, readable by this user only
 */
export function nodeSqliteDialect(file: string, clock: Clock = systemClock): Dialect {
  const dialect = new SqliteDialect({ database: async () => open(file) });
  return {
    createDriver: () => waitingForOthers(dialect.createDriver(), clock),
    createAdapter: () => new TransactionalAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

function open(file: string): SqliteDatabase {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Required late: a process that never opens the embedded storage does not load SQLite.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const sqlite = require('node:sqlite') as typeof import('node:sqlite');
  const db = new sqlite.DatabaseSync(file);
  try {
    // Personal data: nobody else on the machine reads it.
    if (file !== ':memory:') chmodSync(file, 0o600);
    db.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
    // Of a new file, before anything is written: what is erased can be given back to the disk, see `shrink`.
    db.exec('pragma auto_vacuum = incremental');
    // WAL with NORMAL survives a crash of the process; a power cut can cost the last transactions.
    db.exec('pragma journal_mode = wal');
    db.exec('pragma synchronous = normal');
    // What is forgotten leaves the file, not just the index.
    db.exec('pragma secure_delete = on');
    // SQLite would wait in the middle of a call, and everybody else's calls with it.
    db.exec('pragma busy_timeout = 0');
  } catch (error) {
    db.close();
    throw error;
  }
  const prepare = cachedPrepare(db);
  return { prepare, close: () => db.close() };
}

function cachedPrepare(db: DatabaseSync): SqliteDatabase['prepare'] {
  const cache = new Map<string, ReturnType<SqliteDatabase['prepare']>>();
  return (query) => {
    const known = cache.get(query);
    if (known) return known;
    // Transactions here read before they write: without the lock from the start, a second
    // process's write in between would fail ours with "database is locked".
    const statement = adapt(db.prepare(query === 'begin' ? 'begin immediate' : query), query);
    if (cache.size >= MAX_CACHED_STATEMENTS) cache.clear();
    cache.set(query, statement);
    return statement;
  };
}

function adapt(statement: StatementSync, query: string): ReturnType<SqliteDatabase['prepare']> {
  const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
  return {
    // A pragma may say nothing and still do its work one step at a time.
    reader: statement.columns().length > 0 || query.startsWith('pragma'),
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => {
      const { changes, lastInsertRowid } = statement.run(...values(parameters));
      return { changes, lastInsertRowid };
    },
    iterate: (parameters) => statement.iterate(...values(parameters)),
  };
}
