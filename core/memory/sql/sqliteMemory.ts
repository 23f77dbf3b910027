import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../clock';
import { delegating } from '../delegating';
import type { NoteRules, SessionMemory } from '../types';
import { openSqlMemory } from './memory';
import { nodeSqliteDialect } from './nodeSqlite';
import { eraseSetAside, setAside } from './setAside';
import { explained, troubleOf, type Trouble } from './sqliteErrors';

interface SqliteMemoryOptions {
  file: string;
  clock: Clock;
  newId: () => string;
  rules: NoteRules;
  /** Told that the database was damaged and a new one was begun, and where the old one is. */
  onReplaced: (movedTo: string) => void;
}

/** Each time something else may be wrong: moved, then damaged, say. */
const MAX_TRIES = 4;

/**
 * A session memory in a SQLite file, which is opened when it is first used and again whenever that may
 * help: nobody has to restart anything once the disk has room again, the rights are mended or the file
 * is back. A damaged file is set aside for a new one, once it is certain that it is damaged.
 *
 * All methods throw StorageError when the file cannot be used.
 */
export function createSqliteMemory(options: SqliteMemoryOptions): SessionMemory {
  const { file, clock, newId, rules, onReplaced } = options;
  let current: Promise<SessionMemory> | undefined;
  let inode: bigint | undefined;

  async function open(): Promise<SessionMemory> {
    const dialect = nodeSqliteDialect(file, clock);
    const memory = await openSqlMemory({ engine: 'sqlite', dialect, clock, newId, rules });
    inode = inodeOf(file);
    return memory;
  }

  /** The memory is this from now on, unless it fails: then the next one to ask tries again. */
  function become(next: Promise<SessionMemory>): Promise<SessionMemory> {
    current = next;
    next.catch(() => letGo(next));
    return next;
  }

  function letGo(of: Promise<SessionMemory>): void {
    if (current === of) current = undefined;
  }

  /** @returns whether trying again may help at once */
  async function seeTo(trouble: Trouble, failed: Promise<SessionMemory>): Promise<boolean> {
    switch (trouble) {
      case 'locked':
      case 'full':
        return false;
      case 'closed':
        letGo(failed);
        return true;
      case 'moved':
        letGo(failed);
        await close(failed);
        return true;
      case 'denied':
      case 'broken':
        letGo(failed);
        await close(failed);
        return false;
      case 'damaged':
        // Whoever else finds it damaged waits for the new one.
        if (current !== failed && current !== undefined) return true;
        return await become(replace(failed)).then(
          () => true,
          () => false,
        );
    }
  }

  async function replace(damaged: Promise<SessionMemory>): Promise<SessionMemory> {
    await close(damaged);
    if (!isDamaged(file)) return await open();
    const movedTo = setAside(file, clock.now());
    const memory = await open();
    onReplaced(movedTo);
    return memory;
  }

  async function run<T>(work: (memory: SessionMemory) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      if (current && inode !== undefined && inodeOf(file) !== inode) {
        // Moved away by somebody: what is written to it now would be gone.
        const gone = current;
        letGo(gone);
        inode = undefined;
        await close(gone);
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

  const memory = delegating(run);
  return {
    ...memory,
    async forget(query) {
      // A damaged database cannot be searched for somebody. Erased first: what cannot be erased has to be told
      // before anything else is, for then nothing is left that could be told.
      eraseAllSetAside();
      const forgotten = await memory.forget(query);
      // It may have been found damaged just now; if that cannot be erased, it will be with the next expiry.
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
      if (last) await close(last);
    },
  };
}

/** Also one that could not be opened. */
async function close(memory: Promise<SessionMemory>): Promise<void> {
  await memory.then((opened) => opened.close()).catch(() => undefined);
}

function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;
}

/** Looks at every page: an error while working may have had another cause than the file. */
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
