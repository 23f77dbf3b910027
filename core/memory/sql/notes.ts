import type {
  Claim,
  ComposeActivity,
  NoteClaim,
  NoteCondition,
  PendingNote,
  SessionRef,
} from '../types';
import { LeaseLostError } from '../types';
import { readActions } from './actions';
import { findOrMakeLink } from './links';
import { replacementIsLeft } from './covered';
import { findSession, sessionInfo, type LinkRow, type SessionRow } from './sessions';
import { LOOK_AGAIN_MS, type SqlContext, type Tx } from './tables';

/** See {@link SessionMemory.claimNote}. */
export async function claimNote(
  { db, clock, newId }: SqlContext,
  ref: SessionRef,
  chat: string,
  compose: ComposeActivity,
  condition: NoteCondition,
): Promise<NoteClaim> {
  const now = clock.now();
  return await db.transaction().execute(async (tx): Promise<NoteClaim> => {
    const session = await findSession(tx, ref);
    const link = session && (await findOrMakeLink(tx, session, chat, now));
    if (!session || !link) return { status: 'not_linked' };
    const conversationId = link.conversation_id;
    if (isLeased(link, now)) {
      return {
        status: 'busy',
        conversationId,
        by: link.lease?.startsWith(REPLACING) ? 'replacement' : 'delivery',
      };
    }
    const note =
      (await unfinishedNote(tx, link, 'activity')) ??
      (await composeNote(tx, session, link, compose, condition, now));
    if (!note) return { status: 'nothing', conversationId };
    const claim = await lease(tx, session, link, newId(), now + condition.leaseMs);
    return { status: 'claimed', claim, note };
  });
}

/** Everything not delivered yet as one note, stored before it is posted. */
async function composeNote(
  tx: Tx,
  session: SessionRow,
  link: LinkRow,
  compose: ComposeActivity,
  condition: NoteCondition,
  now: number,
): Promise<PendingNote | undefined> {
  const first = link.delivered_seq === null;
  const after = link.delivered_seq ?? 0;
  const since = first ? link.linked_at - condition.windowMs : undefined;
  const actions = await readActions(tx, session.id, { after, since, limit: condition.maxActions });
  const [oldest] = actions;
  const newest = actions.at(-1);
  if (!oldest || !newest) {
    // Older activity than the window is not for the conversation; it still counts for the summary.
    if (first) await setLink(tx, link.id, { delivered_seq: session.last_seq, due_at: null });
    return undefined;
  }
  const row = {
    link: link.id,
    kind: 'activity' as const,
    state: 'posting' as const,
    text: compose(session, actions, first),
    from_seq: oldest.seq,
    to_seq: newest.seq,
    actions: actions.length,
    created_at: now,
  };
  const { id } = await tx
    .insertInto('autoplay_note')
    .values(row)
    .returning('id')
    .executeTakeFirstOrThrow();
  return {
    id,
    text: row.text,
    actions: row.actions,
    mayHaveLanded: false,
    since: now,
    otherNoteIds: await knownNoteIds(tx, link),
  };
}

/** A note whose outcome was never learnt. It has to be looked up before anything else is posted. */
export async function unfinishedNote(
  tx: Tx,
  link: LinkRow,
  kind: 'activity' | 'summary',
): Promise<PendingNote | undefined> {
  const row = await tx
    .selectFrom('autoplay_note')
    .selectAll()
    .where('link', '=', link.id)
    .where('state', '=', 'posting')
    .where('kind', '=', kind)
    .orderBy('id')
    .executeTakeFirst();
  if (!row) return undefined;
  const { id, text, actions, created_at } = row;
  const otherNoteIds = await knownNoteIds(tx, link);
  return { id, text, actions, mayHaveLanded: true, since: created_at, otherNoteIds };
}

/** Ids of notes that we know to be others than one that is being looked up, in the whole conversation. */
export async function knownNoteIds(tx: Tx, link: LinkRow): Promise<string[]> {
  const rows = await tx
    .selectFrom('autoplay_note')
    .innerJoin('autoplay_link', 'autoplay_link.id', 'autoplay_note.link')
    .select('autoplay_note.note_id')
    .where('autoplay_link.chat', '=', link.chat)
    .where('autoplay_link.conversation_id', '=', link.conversation_id)
    .where('autoplay_note.note_id', 'is not', null)
    .execute();
  return rows.flatMap((row) => row.note_id ?? []);
}

/** See {@link SessionMemory.commitNote}. */
export async function commitNote(
  { db, clock }: SqlContext,
  claim: Claim,
  note: PendingNote,
  noteId: string | null,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const row = await tx
      .updateTable('autoplay_note')
      // The chat product has the text now; what is not kept cannot leak.
      .set({ state: 'standing', note_id: noteId, text: '' })
      .where('id', '=', note.id)
      .where('state', '=', 'posting')
      .returning(['kind', 'to_seq'])
      .executeTakeFirst();
    // No row: forgotten while it was being posted, or committed by whoever took a lapsed claim over.
    if (!row || row.kind === 'summary') return;
    await setLink(tx, claim.linkId, { delivered_seq: row.to_seq });
    await giveBack(tx, claim, clock.now());
  });
}

/** See {@link SessionMemory.releaseNote}. */
export async function releaseNote(
  context: SqlContext,
  claim: Claim,
  note: PendingNote,
  mayHaveLanded: boolean,
  retryAfterMs: number,
): Promise<void> {
  if (!mayHaveLanded) {
    // Composed anew next time, together with what has happened until then. Not if the claim
    // lapsed: whoever took over is posting this very note.
    await context.db
      .deleteFrom('autoplay_note')
      .where('id', '=', note.id)
      .where('state', '=', 'posting')
      .where('link', 'in', (eb) =>
        eb.selectFrom('autoplay_link').select('id').where('lease', '=', claim.lease),
      )
      .execute();
  }
  await release(context, claim, retryAfterMs);
}

/** See {@link SessionMemory.release}. */
export async function release(
  { db, clock }: SqlContext,
  claim: Claim,
  retryAfterMs?: number,
): Promise<void> {
  const now = clock.now();
  if (retryAfterMs === undefined) {
    await db.transaction().execute((tx) => giveBack(tx, claim, now));
    return;
  }
  await db
    .updateTable('autoplay_link')
    .set((eb) => ({
      lease: null,
      lease_until: null,
      due_at: now + retryAfterMs,
      failures: eb('failures', '+', 1),
    }))
    .where('id', '=', claim.linkId)
    .where('lease', '=', claim.lease)
    .execute();
}

/** Ends a claim whose work is done; what else the session has waiting stays due. */
async function giveBack(tx: Tx, claim: Claim, now: number): Promise<void> {
  const due = await whatIsLeft(tx, claim.linkId, now);
  await tx
    .updateTable('autoplay_link')
    .set({
      lease: null,
      lease_until: null,
      due_at: due,
      // A failure of something else is over only when that is done.
      ...(due === null && { failures: 0 }),
    })
    .where('id', '=', claim.linkId)
    .where('lease', '=', claim.lease)
    .execute();
}

/** When somebody should look at the session again: for notes or a summary to come; null for nothing. */
async function whatIsLeft(tx: Tx, linkId: number, now: number): Promise<number | null> {
  const row = await tx
    .selectFrom('autoplay_link')
    .innerJoin('autoplay_session', 'autoplay_session.id', 'autoplay_link.session')
    .select(['autoplay_session.id', 'last_seq', 'delivered_seq', 'summary_retry_at'])
    .where('autoplay_link.id', '=', linkId)
    .executeTakeFirst();
  if (!row) return null;
  if (row.last_seq > (row.delivered_seq ?? 0)) return now + LOOK_AGAIN_MS;
  const posting = await tx
    .selectFrom('autoplay_note')
    .select('id')
    .where('link', '=', linkId)
    .where('state', '=', 'posting')
    .executeTakeFirst();
  if (posting || (await replacementIsLeft(tx, row.id, linkId))) return now + LOOK_AGAIN_MS;
  return row.summary_retry_at;
}

/** See {@link SessionMemory.extend}. */
export async function extend(
  { db, clock }: SqlContext,
  claim: Claim,
  leaseMs: number,
): Promise<void> {
  const until = clock.now() + leaseMs;
  const { numUpdatedRows } = await db
    .updateTable('autoplay_link')
    .set({ lease_until: until, due_at: until })
    .where('id', '=', claim.linkId)
    .where('lease', '=', claim.lease)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new LeaseLostError(claim.session.session_id);
}

/** See {@link SessionMemory.endLink}. */
export async function endLink({ db, clock }: SqlContext, claim: Claim): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('autoplay_link')
      .set({ ended_at: clock.now(), lease: null, due_at: null })
      .where('id', '=', claim.linkId)
      .where('lease', '=', claim.lease)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    await tx
      .deleteFrom('autoplay_note')
      .where('link', '=', claim.linkId)
      .where('state', '=', 'posting')
      .execute();
  });
}

/** Marks leases under which no activity notes are posted. */
export const REPLACING = 'replacing ';

export function isLeased(link: LinkRow, now: number): boolean {
  return link.lease !== null && (link.lease_until ?? 0) > now;
}

export async function lease(
  tx: Tx,
  session: SessionRow,
  link: LinkRow,
  id: string,
  until: number,
): Promise<Claim> {
  // A crash leaves the lease behind; the work is due again as soon as it has lapsed.
  await setLink(tx, link.id, { lease: id, lease_until: until, due_at: until });
  return {
    session: await sessionInfo(tx, session),
    chat: link.chat,
    conversationId: link.conversation_id,
    linkId: link.id,
    lease: id,
    failures: link.failures,
  };
}

async function setLink(tx: Tx, id: number, values: Partial<LinkRow>): Promise<void> {
  await tx.updateTable('autoplay_link').set(values).where('id', '=', id).execute();
}
