import { nodeSqliteDialect } from '../../core/memory/sql/nodeSqlite';
import { openSqlMemory } from '../../core/memory/sql/memory';
import type { SessionMemory, SessionRef } from '../../core/memory/types';
import type { Clock } from '../../core/clock';
import type { Action, SessionBatch } from '../../core/payload/types';
import { action as anAction, batch as emptyBatch } from './batches';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A memory of its own in a real SQLite, in the process's memory unless a file is given. */
export async function testMemory(clock: Clock, file = ':memory:'): Promise<SessionMemory> {
  let ids = 0;
  return await openSqlMemory({
    engine: 'sqlite',
    dialect: nodeSqliteDialect(file),
    clock,
    newId: () => `lease ${process.pid} ${++ids} ${Math.random()}`,
  });
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
export async function summarise(
  memory: SessionMemory,
  session: SessionRef,
  text: string,
  maxActions = 500,
): Promise<void> {
  const condition = { linkedOnly: false, leaseMs: 1_000, evenBackingOff: false };
  const claim = await memory.claimSummary(session, { threshold: 1, maxActions, ...condition });
  if (claim.status !== 'claimed') throw new Error(`Nothing to summarize: ${claim.status}`);
  await memory.commitSummary(claim.work, text);
}
