import { sql, type Insertable } from 'kysely';
import type { Action, SessionBatch, StreamSummary } from '../../payload/types';
import { summaryIdentity } from '../../payload/fingerprint';
import { timesOf } from '../../payload/times';
import type { Remembered } from '../types';
import { namesIn, visitorAfter, visitorRecalled, type Visitor } from '../visitor';
import { keepIdentities, newIdentities } from './identities';
import { isAhead } from './leases';
import { adoptWaitingLinks, forgetNaming } from './links';
import { chunks, sessionInfos, type SessionRow } from './sessions';
import { NAME_COLUMNS, openSessions, updateSessions, type OpenSessions } from './sessionWrites';
import { LOOK_AGAIN_MS, type SqlContext, type Tables, type Tx } from './tables';
import { isShared, lockMemory, transact } from './transactions';

/** A session that was last seen further in the future than this was seen by a clock that was wrong. */
const LONGEST_SET_BACK_MS = 24 * 3_600_000;

/** Thrown inside a transaction, to undo it: some of the actions had been remembered before. */
class KnownBeforeError extends Error {}

/** See {@link SessionMemory.remember}. All batches become visible together. */
export async function remember(
  context: SqlContext,
  memory: string,
  batches: readonly SessionBatch[],
  retentionMs: number,
): Promise<Remembered[]> {
  // Hardly anything is delivered twice, and looking for it first costs as much as storing it.
  try {
    return await rememberOnce(context, memory, batches, retentionMs, false);
  } catch (error) {
    if (!(error instanceof KnownBeforeError)) throw error;
    return await rememberOnce(context, memory, batches, retentionMs, true);
  }
}

/**
 * @param look whether to look first for actions that were remembered before
 * @throws KnownBeforeError without `look`, when there are such actions
 */
async function rememberOnce(
  { db, clock }: SqlContext,
  memory: string,
  batches: readonly SessionBatch[],
  retentionMs: number,
  look: boolean,
): Promise<Remembered[]> {
  const now = clock.now();
  const seen = { last_seen_at: now, expires_at: now + retentionMs };
  return await transact(db, async (tx) => {
    await lockMemory(tx, memory, 'bringing');
    const sessions = await openSessions(tx, memory, batches, seen);
    const known = new Map<number, Map<string, number>>();
    for (const row of sessions.all()) known.set(row.id, new Map());
    if (look) await findKnown(tx, sessions, batches, known);

    const added: number[] = [];
    const fresh: ActionRow[] = [];
    const active = new Set<number>();
    const left = new Set<number>();
    const renamed = new Set<number>();
    const whoIsNew: SessionRow[] = [];
    const named: number[] = [];
    const identities: Parameters<typeof keepIdentities>[1][number][] = [];
    for (const batch of batches) {
      const row = { ...sessions.of(batch) };
      const arrived = arrivalOf(row, now);
      const times = timesOf(batch, arrived);
      const seqs = place(row, batch, known.get(row.id)!, times);
      if (seqs.personFrom > row.person_from_seq) {
        left.add(row.id);
        // The previous person's actions must not be summarized as the new person's.
        row.summarized_seq = Math.max(row.summarized_seq, seqs.personFrom - 1);
      }
      fresh.push(...seqs.fresh);
      added.push(seqs.fresh.length);
      if (seqs.fresh.length > 0) active.add(row.id);
      for (const summary of batch.summaries ?? []) {
        // The conversation does not have the summary yet.
        if (await addStreamSummary(tx, row, batch, summary, seqs.byAction, now)) active.add(row.id);
      }
      identities.push(...newIdentities(row, batch));
      const { visitor, lastSeq, personFrom } = seqs;
      // What the source vouches for it says again each time.
      const { signed_in: _said, ...names } = visitor;
      const conversation = visitor.stream_conversation_id;
      let { stream_named_at } = row;
      if (conversation === null) stream_named_at = null;
      else if (conversation !== row.stream_conversation_id) {
        stream_named_at = times[firstWith(batch, conversation)] ?? now;
      }
      const whose = { ...names, stream_named_at, person_from_seq: personFrom };
      const project_url = batch.project_url ?? row.project_url;
      const after = {
        ...row,
        ...whose,
        project_url,
        ...seen,
        last_seen_at: arrived,
        last_seq: lastSeq,
      };
      const isRenamed = NAME_COLUMNS.some((name) => row[name] !== after[name]);
      if (isRenamed) renamed.add(row.id);
      // A conversation can be waiting only for a session or visitor that was not known by this name before.
      if (isRenamed || row.last_seq === 0) whoIsNew.push(after);
      if (after.stream_named_at !== row.stream_named_at) named.push(row.id);
      sessions.set(after);
    }
    await insertActions(tx, fresh);
    await updateSessions(tx, sessions.all(), renamed);
    await keepIdentities(tx, identities);
    await endLinks(tx, [...left], now);
    await wakeLinks(tx, [...active], now);
    await adoptWaitingLinks(tx, memory, whoIsNew, now);
    await forgetNaming(tx, named);
    const rows = batches.map((batch) => sessions.of(batch));
    const infos = await sessionInfos(tx, rows);
    return rows.map((row, i) => ({ ...infos.get(row.id)!, added: added[i] ?? 0 }));
  });
}

/** Never before what arrived earlier, even if the clock was set back since, because notes are in the order of time. */
function arrivalOf({ last_seen_at }: SessionRow, now: number): number {
  return isAhead(last_seen_at, now, LONGEST_SET_BACK_MS) ? last_seen_at : now;
}

type ActionRow = Insertable<Tables['autoplay_action']>;

/** Finds the actions that are remembered already, and the place of each. */
async function findKnown(
  tx: Tx,
  sessions: OpenSessions,
  batches: readonly SessionBatch[],
  known: ReadonlyMap<number, Map<string, number>>,
): Promise<void> {
  if (isShared(tx)) return await findAllKnown(tx, sessions, batches, known);
  for (const batch of batches) {
    const { id } = sessions.of(batch);
    for (const ids of chunks(batch.actions.map(({ action_id }) => action_id))) {
      const stored = await tx
        .selectFrom('autoplay_action')
        .select(['action_id', 'seq'])
        .where('session', '=', id)
        .where('action_id', 'in', ids)
        .execute();
      for (const { action_id, seq } of stored) known.get(id)?.set(action_id, seq);
    }
  }
}

/** The same in one round trip to the server, however many sessions there are. */
async function findAllKnown(
  tx: Tx,
  sessions: OpenSessions,
  batches: readonly SessionBatch[],
  known: ReadonlyMap<number, Map<string, number>>,
): Promise<void> {
  const sought = batches.flatMap((batch) => {
    const { id } = sessions.of(batch);
    return batch.actions.map(({ action_id }) => ({ id, action_id }));
  });
  const rows = sought.map(({ id }) => id);
  const ids = sought.map(({ action_id }) => action_id);
  const { rows: stored } = await sql<{ session: number; action_id: string; seq: number }>`
    select session, action_id, seq
    from unnest(${rows}::bigint[], ${ids}::text[]) as sought (session, action_id)
    join autoplay_action using (session, action_id)`.execute(tx);
  for (const { session, action_id, seq } of stored) known.get(session)?.set(action_id, seq);
}

interface Seqs {
  fresh: ActionRow[];
  lastSeq: number;
  /** The place of each action of the batch, in the batch's order, whether new or known before. */
  byAction: number[];
  /** Who the visitor has turned out to be, and the place of their first action. */
  visitor: Visitor;
  personFrom: number;
}

/**
 * Gives each action that is not in `known` the session's next place there, and follows who acts.
 */
function place(
  { id, last_seq, person_from_seq, user_id, email, stream_conversation_id }: SessionRow,
  batch: SessionBatch,
  known: Map<string, number>,
  times: readonly number[],
): Seqs {
  let lastSeq = last_seq;
  let personFrom = person_from_seq;
  let visitor: Visitor = { user_id, email, stream_conversation_id };
  const fresh: ActionRow[] = [];
  const names = namesIn(batch);
  const byAction = batch.actions.map((action, i) => {
    const { action_id } = action;
    const said = names(action);
    const before = known.get(action_id);
    if (before !== undefined) {
      visitor = visitorRecalled(visitor, said);
      return before;
    }
    const seq = ++lastSeq;
    const after = visitorAfter(visitor, said);
    visitor = after.visitor;
    if (after.change === 'other_person') personFrom = seq;
    known.set(action_id, seq);
    const { user_changed: _before, ...plain } = action;
    const changed: Action = after.change ? { ...plain, user_changed: true } : plain;
    fresh.push({ session: id, seq, action_id, at: times[i]!, body: bodyOf(changed) });
    return seq;
  });
  if (batch.actions.length === 0) {
    const after = visitorAfter(visitor, batch);
    visitor = after.visitor;
    if (after.change === 'other_person') personFrom = lastSeq + 1;
  }
  return { fresh, lastSeq, byAction, visitor, personFrom };
}

/** @throws KnownBeforeError */
async function insertActions(tx: Tx, actions: readonly ActionRow[]): Promise<void> {
  for (const values of chunks(actions, tx)) {
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('autoplay_action')
      .values(values)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (Number(numInsertedOrUpdatedRows) < values.length) throw new KnownBeforeError();
  }
}

function bodyOf(action: Action): string {
  // The visitor's names are stored once, with the session, where they can be found and forgotten.
  const { action_id: _id, index: _index, user_id: _user, email: _email, ...body } = action;
  return JSON.stringify(body);
}

/**
 * Stores the connector's own summary, which covers the session up to its point, so that no model has to be paid for
 * one. It is believed to cover only as many actions as it says it condenses, after those that the connector's earlier
 * summaries cover. How far our own summaries reach says nothing about that.
 * @returns whether it is a new one
 */
async function addStreamSummary(
  tx: Tx,
  row: SessionRow,
  batch: SessionBatch,
  given: StreamSummary,
  byAction: readonly number[],
  now: number,
): Promise<boolean> {
  const { summary, replaces, position } = given;
  const before = position > 0 ? (byAction[position - 1] ?? row.last_seq) : row.last_seq;
  const uptoSeq =
    replaces > 0 ? Math.min(before, (await coveredByStream(tx, row)) + replaces) : before;
  const source = `${STREAM}${batch.product_id} ${summaryIdentity(given)}`;
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('autoplay_summary')
    .values({ session: row.id, upto_seq: uptoSeq, text: summary, source, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  // Delivered again, it covers no more than it did the first time.
  if (!numInsertedOrUpdatedRows) return false;
  row.summarized_seq = Math.max(row.summarized_seq, uptoSeq);
  return true;
}

/** How the source of a connector's summary begins. */
const STREAM = 'stream ';

/** How far the connector's own summaries reach. */
async function coveredByStream(tx: Tx, row: SessionRow): Promise<number> {
  const last = await tx
    .selectFrom('autoplay_summary')
    .select('upto_seq')
    .where('session', '=', row.id)
    .where('source', 'like', `${STREAM}%`)
    .orderBy('upto_seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last?.upto_seq ?? 0;
}

/** Ends the links of sessions that another person has taken over: the conversations are not theirs. */
async function endLinks(tx: Tx, sessionRowIds: readonly number[], now: number): Promise<void> {
  for (const some of chunks(sessionRowIds, tx)) {
    await tx
      .updateTable('autoplay_link')
      .set({ ended_at: now, due_at: null })
      .where('session', 'in', some)
      .where('ended_at', 'is', null)
      .execute();
  }
}

/** The index of the first action that names a conversation; 0 where only the batch names it. */
function firstWith({ actions }: SessionBatch, conversation: string): number {
  return Math.max(
    0,
    actions.findIndex((action) => action.conversation_id === conversation),
  );
}

/** Makes linked sessions due, because they have work. */
async function wakeLinks(tx: Tx, sessionRowIds: readonly number[], now: number): Promise<void> {
  for (const some of chunks(sessionRowIds, tx)) {
    await tx
      .updateTable('autoplay_link')
      .set({ due_at: now + LOOK_AGAIN_MS, looks: 0 })
      .where('session', 'in', some)
      .where('ended_at', 'is', null)
      .where('due_at', 'is', null)
      .execute();
  }
}
