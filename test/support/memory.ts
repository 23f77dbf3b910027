import { DatabaseSync } from 'node:sqlite';
import type { Dialect } from 'kysely';
import { nodeSqliteDialect } from '../../core/memory/sql/nodeSqlite';
import { inSql, openDatabase } from '../../core/memory/sql/memory';
import { forward } from '../../core/memory/forward';
import type { MemoryParts, SessionMemory, SessionRef } from '../../core/memory/types';
import type { Clock } from '../../core/clock';
import type { Action, SessionBatch } from '../../core/payload/types';
import { testRules } from './noteRules';
import { action as anAction, batch as emptyBatch } from './batches';
import { addressOf, postgresTestMemory, query, usesPostgres, type Way } from './postgres';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/**
 * A memory of its own in a real database: SQLite, in the process's memory unless a file is given, or,
 * where tests run for it, PostgreSQL. There, too, the same file means the same database.
 */
export async function testMemory(
  clock: Clock,
  file = ':memory:',
  rules = testRules,
  way?: Way,
): Promise<SessionMemory> {
  let ids = 0;
  const newId = () => `lease ${process.pid} ${++ids} ${Math.random()}`;
  if (usesPostgres) return await postgresTestMemory(file, { clock, newId, rules }, way);
  const dialect = nodeSqliteDialect(file);
  return await openMemory(dialect, { clock, newId, rules });
}

/** A memory in SQLite that is opened at once, without what `createSqliteMemory` does about the trouble of files. */
export async function openMemory(dialect: Dialect, parts: MemoryParts): Promise<SessionMemory> {
  const context = await openDatabase({ engine: 'sqlite', dialect, parts });
  return forward((method, args) => inSql(context, method, args));
}

/** What a query finds in the database that `testMemory` made for a file. */
export async function rowsOf(file: string, sql: string): Promise<Record<string, unknown>[]> {
  if (usesPostgres) return await query(addressOf(file), sql);
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

/** How many runs a property of the memory is worth: on a server each takes much longer, and shows the same. */
export function propertyRuns(runs: number): number {
  return Number(process.env.PROPERTY_RUNS ?? (usesPostgres ? Math.ceil(runs / 8) : runs));
}

/** Names a session of the memory `m` and the product that `batch` is of. */
export function ref(session_id = 's'): SessionRef {
  return { memory: 'm', product_id: 'shop', session_id };
}

/** The numbers from 0 up to `count`, without it. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** The outcome of a claim that has to succeed. @throws Error for any other outcome */
export function granted<O extends { status: string }>(
  outcome: O,
): Extract<O, { status: 'claimed' }> {
  if (outcome.status !== 'claimed') throw new Error(`The claim was not granted: ${outcome.status}`);
  return outcome as Extract<O, { status: 'claimed' }>;
}

let actionIds = 0;

/** An action that says `description`; different from every other. */
export function action(description: string, fields: Partial<Action> = {}): Action {
  return anAction({
    title: description,
    description,
    canonical_url: '/',
    action_id: `action ${++actionIds}`,
    ...fields,
  });
}

/** A batch of one session. */
export function batch(
  sessionId: string,
  actions: Action[],
  fields: Partial<SessionBatch> = {},
): SessionBatch {
  return { ...emptyBatch(sessionId, []), actions, count: actions.length, ...fields };
}

/** Summarizes what is not summarized yet of a session, as `text`; at most `maxActions` of it. */
export async function summarize(
  memory: SessionMemory,
  session: SessionRef,
  text: string,
  maxActions = 500,
): Promise<void> {
  const condition = { linkedOnly: false, leaseMs: 1_000, includePaused: false };
  const claim = await memory.claimSummary(session, { threshold: 1, maxActions, ...condition });
  if (claim.status !== 'claimed') throw new Error(`Nothing to summarize: ${claim.status}`);
  await memory.commitSummary(claim.work, text);
}
