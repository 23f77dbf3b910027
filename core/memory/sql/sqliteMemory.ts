import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { forward } from '../forward';
import type { MemoryParts, SessionMemory } from '../types';
import { closeDatabase, inSql, openDatabase } from './memory';
import { nodeSqliteDialect } from './nodeSqlite';
import { eraseSetAside, setAside } from './setAside';
import { explained, troubleOf, type Trouble } from './sqliteErrors';
import type { SqlContext } from './tables';

// A session memory in a SQLite file, which survives what happens to files: a disk that is full, a file that is locked,
// moved away, made unreadable or damaged. n8n need not be restarted once the cause is mended.
//
// States of `current`, the database that calls use:
//
//   closed       undefined. At the start, after `close`, and after trouble that a new connection may mend.
//   opening      a promise that is pending. Calls that arrive meanwhile wait for it.
//   open         the promise is resolved.
//   replacing    a pending promise as well: the damaged database is being closed, checked, set aside and made anew.
//                Calls that arrive meanwhile wait for the new database.
//
// A promise that is rejected leaves the state at once (`become`), so the next call opens again.
//
// Each call, with what its error says of the file (`troubleOf`):
//
//   locked, full      The database stays open. The call fails; the next one may succeed.
//   closed            Another call closed it meanwhile. The call is made again on a new connection.
//   moved             Closed, and the call is made again: the file may be back, or a new one is made.
//   denied, broken    Closed, and the call fails: the next one opens the file again.
//   damaged           Replaced, and the call is made again on the new database.
//   anything else     Not about the file: the call fails with that error as it is.
//
// Invariants:
//
// - Only one connection is used. Every way to another one goes through `letGo` or `become`.
// - A connection is let go only if it is still the current one (`letGo`): a late failure of an old connection does not
//   close the new one.
// - No call begins on a file that is not at its path any more. Its inode is compared with the one that was opened, because
//   SQLite itself would go on writing to a file that was moved or deleted.
// - A file is set aside only if SQLite's integrity check says so, after the database was closed: an error while working
//   may have had another cause.
// - A call is made at most MAX_TRIES times. Every failure that concerns the file reaches the caller as a StorageError.

interface SqliteMemoryParts extends MemoryParts {
  /** Called when a damaged database was replaced by a new one, with the path of the old one. */
  onReplaced: (movedTo: string) => void;
}

/** Several troubles may follow each other: moved, then damaged, for example. */
const MAX_TRIES = 4;

/**
 * A session memory in a SQLite file, which is opened when it is first used and again whenever that may help. A damaged
 * file is set aside and replaced by a new one.
 *
 * All methods throw StorageError when the file cannot be used.
 */
export function createSqliteMemory(file: string, parts: SqliteMemoryParts): SessionMemory {
  const { clock, onReplaced } = parts;
  let current: Promise<SqlContext> | undefined;
  let inode: bigint | undefined;

  async function open(): Promise<SqlContext> {
    const dialect = nodeSqliteDialect(file, clock);
    const opened = await openDatabase({ engine: 'sqlite', dialect, parts });
    inode = inodeOf(file);
    return opened;
  }

  /** Makes `next` the database that calls use, unless it fails: then the next call opens another one. */
  function become(next: Promise<SqlContext>): Promise<SqlContext> {
    current = next;
    next.catch(() => letGo(next));
    return next;
  }

  function letGo(of: Promise<SqlContext>): void {
    if (current === of) current = undefined;
  }

  /** @returns whether making the call again may help at once */
  async function seeTo(trouble: Trouble, failed: Promise<SqlContext>): Promise<boolean> {
    switch (trouble) {
      case 'locked':
      case 'full':
        return false;
      case 'closed':
        letGo(failed);
        return true;
      case 'moved':
        letGo(failed);
        await closeDatabase(failed);
        return true;
      case 'denied':
      case 'broken':
        letGo(failed);
        await closeDatabase(failed);
        return false;
      case 'damaged':
        // Another call has found the damage, too, and is replacing the database: wait for the new one.
        if (current !== failed && current !== undefined) return true;
        return await become(replace(failed)).then(
          () => true,
          () => false,
        );
    }
  }

  async function replace(damaged: Promise<SqlContext>): Promise<SqlContext> {
    await closeDatabase(damaged);
    if (!isDamaged(file)) return await open();
    const movedTo = setAside(file, clock.now());
    const opened = await open();
    onReplaced(movedTo);
    return opened;
  }

  async function run<T>(work: (context: SqlContext) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      if (current && inode !== undefined && inodeOf(file) !== inode) {
        const gone = current;
        letGo(gone);
        inode = undefined;
        await closeDatabase(gone);
      }
      const used = current ?? become(open());
      try {
        return await work(await used);
      } catch (error) {
        const trouble = troubleOf(error);
        if (!trouble) throw error;
        if ((await seeTo(trouble, used)) && tries < MAX_TRIES) continue;
        throw explained(error, trouble, file);
      }
    }
  }

  function eraseAllSetAside(): void {
    try {
      eraseSetAside(file, clock.now(), -Infinity);
    } catch (error) {
      const trouble = troubleOf(error);
      throw trouble ? explained(error, trouble, file) : error;
    }
  }

  const memory = forward((method, args) => run((context) => inSql(context, method, args)));
  return {
    ...memory,
    async forget(query) {
      // A damaged database cannot be searched for a person, so all of them are erased. That comes first: if it fails,
      // the caller has to learn so while there is still something left to report.
      eraseAllSetAside();
      const forgotten = await memory.forget(query);
      // This call may have found the database damaged. If it cannot be erased now, the next expiry erases it.
      try {
        eraseAllSetAside();
      } catch {}
      return forgotten;
    },
    async expire() {
      eraseSetAside(file, clock.now());
      return await memory.expire();
    },
    async close() {
      const last = current;
      current = undefined;
      if (last) await closeDatabase(last);
    },
  };
}

function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;
}

/** Checks every page of the file. */
function isDamaged(file: string): boolean {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const sqlite = require('node:sqlite') as typeof import('node:sqlite');
  let db: DatabaseSync | undefined;
  try {
    db = new sqlite.DatabaseSync(file);
    const [row] = db.prepare('pragma integrity_check(1)').all();
    return row?.integrity_check !== 'ok';
  } catch (error) {
    return troubleOf(error) === 'damaged';
  } finally {
    db?.close();
  }
}
