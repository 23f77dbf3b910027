import type { Action, SessionBatch, StreamSummary } from '../../payload/types';
import type { Remembered } from '../types';
import { adoptWaitingLinks } from './links';
import { chunks, findSession, sessionInfos, type SessionRow } from './sessions';
import { LOOK_AGAIN_MS, type SqlContext, type Tx } from './tables';

/** A visitor's clock that is further off than this is not believed. */
const MAX_CLOCK_ERROR_MS = 24 * 3_600_000;

/** See {@link SessionMemory.remember}. All batches become visible together. */
export async function remember(
  { db, clock }: SqlContext,
  memory: string,
  batches: readonly SessionBatch[],
  retentionMs: number,
): Promise<Remembered[]> {
  const now = clock.now();
  const times = { last_seen_at: now, expires_at: now + retentionMs };
  return await db.transaction().execute(async (tx) => {
    const added: number[] = [];
    const rows: SessionRow[] = [];
    for (const batch of batches) {
      const row = await findOrCreate(tx, memory, batch, times);
      const seqs = await addActions(tx, row, batch.actions, now);
      for (const summary of batch.summaries ?? []) {
        await addStreamSummary(tx, row, batch, summary, seqs, now);
      }
      added.push(seqs.added);
      rows.push(await touch(tx, row, batch, seqs, times));
    }
    const infos = await sessionInfos(tx, rows);
    return rows.map((row, i) => ({ ...infos.get(row.id)!, added: added[i] ?? 0 }));
  });
}

async function findOrCreate(tx: Tx, memory: string, batch: SessionBatch, times: Times) {
  const ref = { memory, product_id: batch.product_id, session_id: batch.session_id };
  const known = await findSession(tx, ref);
  if (known) return known;
  await tx
    .insertInto('autoplay_session')
    .values({ ...ref, last_seq: 0, summarised_seq: 0, summary_failures: 0, ...times })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const created = await findSession(tx, ref);
  if (!created) throw new Error(`Session ${batch.session_id} could not be stored`);
  return created;
}

type Times = Pick<SessionRow, 'last_seen_at' | 'expires_at'>;

interface Seqs {
  added: number;
  lastSeq: number;
  /** Where each action of the batch stands, in the batch's order, whether new or known before. */
  byAction: number[];
}

async function addActions(
  tx: Tx,
  row: SessionRow,
  actions: readonly Action[],
  now: number,
): Promise<Seqs> {
  const known = new Map<string, number>();
  for (const ids of chunks(actions.map((action) => action.action_id))) {
    const stored = await tx
      .selectFrom('autoplay_action')
      .select(['action_id', 'seq'])
      .where('session', '=', row.id)
      .where('action_id', 'in', ids)
      .execute();
    for (const { action_id, seq } of stored) known.set(action_id, seq);
  }
  let lastSeq = row.last_seq;
  const fresh = [];
  for (const action of actions) {
    if (known.has(action.action_id)) continue;
    const seq = ++lastSeq;
    known.set(action.action_id, seq);
    fresh.push({ session: row.id, seq, action_id: action.action_id, ...stored(action, now) });
  }
  for (const values of chunks(fresh)) {
    await tx.insertInto('autoplay_action').values(values).execute();
  }
  const byAction = actions.map((action) => known.get(action.action_id) ?? 0);
  return { added: fresh.length, lastSeq, byAction };
}

function stored(action: Action, now: number) {
  // Who it was stands once, in the session, where it can be found and forgotten.
  const { action_id: _id, index: _index, user_id: _user, email: _email, ...body } = action;
  const own = (action.timestamp_start ?? Number.NaN) * 1000;
  const at = Math.abs(own - now) <= MAX_CLOCK_ERROR_MS ? Math.min(own, now) : now;
  return { at: Math.round(at), body: JSON.stringify(body) };
}

/**
 * The connector's own summary tells the session up to that point: it takes the place of one we
 * would have paid for. It is believed to cover no more actions than it says it condenses.
 */
async function addStreamSummary(
  tx: Tx,
  row: SessionRow,
  batch: SessionBatch,
  { summary, replaces, forwarded_at, position }: StreamSummary,
  { byAction }: Seqs,
  now: number,
): Promise<void> {
  const before = position > 0 ? (byAction[position - 1] ?? row.last_seq) : row.last_seq;
  const covered = replaces > 0 ? Math.min(before, row.summarised_seq + replaces) : before;
  const uptoSeq = Math.max(covered, row.summarised_seq);
  const source = `stream ${batch.product_id} ${forwarded_at} ${position}`;
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('autoplay_summary')
    .values({ session: row.id, upto_seq: uptoSeq, text: summary, source, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  // Delivered twice, it covers no more than it did the first time.
  if (numInsertedOrUpdatedRows) row.summarised_seq = uptoSeq;
}

/** Notes who the visitor turned out to be, and that linked sessions have work. */
async function touch(tx: Tx, row: SessionRow, batch: SessionBatch, seqs: Seqs, times: Times) {
  const last = <K extends 'user_id' | 'email' | 'conversation_id'>(field: K) =>
    batch.actions.findLast((action) => action[field])?.[field] ?? batch[field];
  const fields = {
    // The latest identity wins: a visitor who signs in stops being anonymous.
    user_id: last('user_id') ?? row.user_id,
    email: last('email')?.toLowerCase() ?? row.email,
    stream_conversation_id: last('conversation_id') ?? row.stream_conversation_id,
    last_seq: seqs.lastSeq,
    summarised_seq: row.summarised_seq,
    ...times,
  };
  await tx.updateTable('autoplay_session').set(fields).where('id', '=', row.id).execute();
  if (seqs.added > 0) {
    await tx
      .updateTable('autoplay_link')
      .set({ due_at: times.last_seen_at + LOOK_AGAIN_MS, looks: 0 })
      .where('session', '=', row.id)
      .where('ended_at', 'is', null)
      .where('due_at', 'is', null)
      .execute();
  }
  const known = { ...row, ...fields };
  // Only somebody who was not known by this name before can be whom a conversation waits for.
  const named = (['user_id', 'email', 'stream_conversation_id'] as const).some(
    (field) => row[field] !== known[field],
  );
  if (row.last_seq === 0 || named) {
    await adoptWaitingLinks(tx, known, times.last_seen_at);
  }
  return known;
}
