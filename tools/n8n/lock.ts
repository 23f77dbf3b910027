import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

/** A lock held by this process. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock `file` without waiting, or returns undefined when another process has it.
 *
 * It is SQLite's lock on an empty database. The operating system releases it when its owner ends, even when it is
 * killed, so there are no stale locks.
 */
export function tryLock(file: string): Lock | undefined {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (/locked|busy/i.test((error as Error).message)) return undefined;
    throw error;
  }
  writeFileSync(`${file}.owner`, String(process.pid));
  return { release: () => database.close() };
}

/** The id of the last process that took the lock `file`, for messages. */
export function lockOwner(file: string): string {
  try {
    return readFileSync(`${file}.owner`, 'utf8');
  } catch {
    return 'unknown';
  }
}

/**
 * Runs `work` while holding the lock `file`, waiting for it as long as needed.
 * @param onWait called once, when another process has the lock; gets that process's id.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  onWait?: (owner: string) => void,
): Promise<T> {
  let lock = tryLock(file);
  if (!lock) onWait?.(lockOwner(file));
  while (!lock) {
    await sleep(500);
    lock = tryLock(file);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}
