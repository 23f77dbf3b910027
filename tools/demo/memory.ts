import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the demo remembers between two starts. */
export interface DemoMemory {
  password?: string;
  /** Hash of what is in each credential, by type. */
  credentials: Record<string, string>;
  /** By file name: which workflow it became, the hash of the file it was made from, and whether it ever ran. */
  workflows: Record<string, { id: string; hash: string; published: boolean }>;
}

/** Reads the memory file; an empty memory when there is none, or none that can be read. */
export function readMemory(file: string): DemoMemory {
  let stored: Partial<DemoMemory> = {};
  try {
    stored = JSON.parse(readFileSync(file, 'utf8')) as Partial<DemoMemory>;
  } catch {
    // The first start.
  }
  return { ...stored, credentials: stored.credentials ?? {}, workflows: stored.workflows ?? {} };
}

/** Writes the memory file in one step; only its owner may read it. */
export function writeMemory(file: string, memory: DemoMemory): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(memory, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** A short hash, to find out whether a value has changed. */
export const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

/** A password that meets n8n's rules (8 characters, a capital letter, a digit). */
export const newPassword = (): string => `Demo-${randomBytes(6).toString('hex')}-1`;
