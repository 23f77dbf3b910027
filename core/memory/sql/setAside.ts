import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** SQLite keeps the last writes in files beside the database. */
const PARTS = ['', '-wal', '-shm'];
const MARK = '.corrupt-';
/** How long a damaged database is kept for inspection, in milliseconds: it still holds personal data. */
const KEPT_MS = 7 * 24 * 3_600_000;

/**
 * Moves a damaged database out of the way of a new one.
 * @param now in milliseconds since the epoch
 * @returns its path now
 */
export function setAside(file: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(':', '-');
  const target = `${file}${MARK}${stamp}`;
  for (const part of PARTS) if (existsSync(file + part)) renameSync(file + part, target + part);
  return target;
}

/** Erases databases that were set aside, once they have been kept for long enough. */
export function eraseSetAside(file: string, now: number, keptMs = KEPT_MS): void {
  const folder = dirname(file);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!name.startsWith(basename(file) + MARK)) continue;
    const path = join(folder, name);
    if (statSync(path).mtimeMs + keptMs <= now) rmSync(path, { force: true });
  }
}
