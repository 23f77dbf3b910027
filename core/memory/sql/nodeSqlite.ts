import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { SqliteAdapter, SqliteDialect, type Dialect, type SqliteDatabase } from 'kysely';
import { systemClock, type Clock } from '../../clock';
import { waitingForOthers } from './sqliteLocks';

/**
 * How long SQLite waits for another process's lock while the file is opened, in milliseconds; no other call can run.
 */
const BUSY_TIMEOUT_MS = 500;
/**
 * How much of the file SQLite keeps in memory at most, in KiB; by default 2,000. This holds the upper levels of all indexes
 * of a million sessions, so calls read a quarter to a half fewer pages.
 */
const CACHE_KIB = 16_000;
/** Few distinct statements are expected; the bound guards against generated ones of every length. */
const MAX_CACHED_STATEMENTS = 300;

/** SQLite rolls back changes of the schema with their transaction. Kysely's own adapter does not use that. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl() {
    return true;
  }
}

/**
 * Kysely's SQLite dialect over Node's own `node:sqlite`.
 *
 * @param file the database's path, or `:memory:`. Its folder is made if it is missing, readable by this user only
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
  // Required late, so that a process that never opens the embedded storage does not load SQLite.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const sqlite = require('node:sqlite') as typeof import('node:sqlite');
  const db = new sqlite.DatabaseSync(file);
  try {
    // It holds personal data: no other user of the machine may read it.
    if (file !== ':memory:') chmodSync(file, 0o600);
    db.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
    // Takes effect in a new file only, before anything is written. It lets `shrink` give room back to the disk.
    db.exec('pragma auto_vacuum = incremental');
    // WAL with NORMAL survives a crash of the process; a power cut can cost the last transactions.
    db.exec('pragma journal_mode = wal');
    db.exec('pragma synchronous = normal');
    db.exec(`pragma cache_size = -${CACHE_KIB}`);
    // Overwrites what is erased, so that it leaves the file and not just the index.
    db.exec('pragma secure_delete = on');
    // SQLite would wait in the middle of a call, and all other calls with it: `sqliteLocks.ts` waits instead.
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
    // Transactions read before they write. Without the lock from the start, a write of another process in between would
    // make this one fail with "database is locked".
    const statement = adapt(db.prepare(query === 'begin' ? 'begin immediate' : query), query);
    if (cache.size >= MAX_CACHED_STATEMENTS) cache.clear();
    cache.set(query, statement);
    return statement;
  };
}

function adapt(statement: StatementSync, query: string): ReturnType<SqliteDatabase['prepare']> {
  const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
  return {
    // A pragma may return no columns and still do its work row by row, so its rows have to be read.
    reader: statement.columns().length > 0 || query.startsWith('pragma'),
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => {
      const { changes, lastInsertRowid } = statement.run(...values(parameters));
      return { changes, lastInsertRowid };
    },
    iterate: (parameters) => statement.iterate(...values(parameters)),
  };
}
