import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import {
  createPostgresMemory,
  type PostgresMemoryParts,
} from '../../core/memory/sql/postgresMemory';
import { forward } from '../../core/memory/forward';
import type { MemoryParts, SessionMemory } from '../../core/memory/types';
import { createDatabase, type DatabaseAddress } from '../../tools/servers/postgres';
import { outOfTime } from './fakeClock';
import { testRules } from './noteRules';

/** Whether this file's tests run on PostgreSQL: Jest's project says so. */
export const usesPostgres = (globalThis as { memoryEngine?: string }).memoryEngine === 'postgres';

const TABLES = [
  ...['session', 'identity', 'action', 'link', 'waiting_link', 'summary', 'note', 'seen'],
  ...['incoming', 'moment', 'watch', 'history', 'offer', 'offer_person', 'objection', 'secret'],
];

let databases = 0;
/** Databases that nobody uses any more, to be emptied and used again: making one takes a while. */
const free: DatabaseAddress[] = [];
const byFile = new Map<string, DatabaseAddress>();

/** Of the server that runs for all test files. */
export function serverAddress(): DatabaseAddress {
  const given = process.env.AUTOPLAY_TEST_POSTGRES;
  if (!given) throw new Error('No PostgreSQL runs for the tests: use the npm scripts');
  return JSON.parse(given) as DatabaseAddress;
}

/** An empty database of this test file's own. */
export async function newDatabase(): Promise<DatabaseAddress> {
  return await createDatabase(serverAddress(), `test_${process.pid}_${Date.now()}_${++databases}`);
}

/** A way to the server that is not the direct one, how long answers are waited for on it, and when it is tried again. */
export interface Way extends Required<Pick<PostgresMemoryParts, 'timeouts' | 'retries'>> {
  port: number;
}

/** A memory on a server, opened already, with connections of its own as another process would have them. */
export async function openServerMemory(
  address: DatabaseAddress,
  parts: Partial<PostgresMemoryParts> & Pick<PostgresMemoryParts, 'clock'>,
): Promise<SessionMemory> {
  const memory = createPostgresMemory(address, {
    newId: randomUUID,
    rules: testRules,
    ...parts,
  });
  await memory.isWorkDue('');
  return memory;
}

/** A memory in a database of its own, in which time does not pass while it is at work. */
export async function postgresTestMemory(
  file: string,
  parts: MemoryParts,
  way?: Way,
): Promise<SessionMemory> {
  const address = await outOfTime(byFile.has(file) ? Promise.resolve(byFile.get(file)!) : take());
  if (file !== ':memory:') byFile.set(file, address);
  const memory = await outOfTime(
    openServerMemory({ ...address, ...(way && { port: way.port }) }, { ...parts, ...way }),
  );
  const close = async () => {
    await outOfTime(memory.close());
    if (file === ':memory:') free.push(address);
  };
  // Between their pieces, these wait for the time that would stand still.
  const outside = forward((method, args) =>
    outOfTime((memory[method] as (...all: unknown[]) => Promise<never>)(...args)),
  );
  const { expire, reportOffers } = memory;
  return { ...outside, expire, reportOffers, close };
}

/** The database of a memory that was given a file. */
export function addressOf(file: string): DatabaseAddress {
  const address = byFile.get(file);
  if (!address) throw new Error(`No memory was opened for ${file}`);
  return address;
}

/** Lets go of the database that was made for a file; nobody may use it any more. */
export function giveBack(file: string): void {
  free.push(addressOf(file));
  byFile.delete(file);
}

async function take(): Promise<DatabaseAddress> {
  const used = free.pop();
  if (!used) return await newDatabase();
  // Where there are few rows, as here, this is quicker than to truncate.
  await query(used, TABLES.map((table) => `delete from autoplay_${table}`).join(';'));
  return used;
}

/** Runs one statement, beside any memory. */
export async function query(
  address: DatabaseAddress,
  sql: string,
): Promise<Record<string, unknown>[]> {
  const client = new Client(address);
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}
