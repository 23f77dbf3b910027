import type { Claim, ComposeSummary, PendingNote, RedactableNote } from '../types';
import { LeaseLostError, type ReplacementClaim, type SessionRef } from '../types';
import { isLeased, knownNoteIds, lease, unfinishedNote } from './notes';
import { findLink, findSession, type LinkRow, type SessionRow } from './sessions';
import type { SqlContext, Tx } from './tables';

/** See {@link SessionMemory.claimReplacement}. */
export async function claimReplacement(
  { db, clock, newId }: SqlContext,
  ref: SessionRef,
  chat: string,
  compose: ComposeSummary,
  leaseMs: number,
): Promise<ReplacementClaim> {
  const now = clock.now();
  return await db.transaction().execute(async (tx): Promise<ReplacementClaim> => {
    const session = await findSession(tx, ref);
    const link = session && (await findLink(tx, session.id, chat));
    if (!session || !link) return { status: 'not_linked' };
    const conversationId = link.conversation_id;
    if (isLeased(link, now)) return { status: 'busy', conversationId };
    const note =
      (await unfinishedNote(tx, link, 'summary')) ??
      (await composeNote(tx, session, link, compose, now));
    if (!note && (await covered(tx, link.id)).length === 0) {
      return { status: 'nothing', conversationId };
    }
    const claim = await lease(tx, session, link, newId(), now + leaseMs);
    return { status: 'claimed', claim, note: note ?? null };
  });
}

/** The latest summary as a note, unless this conversation has it already. */
async function composeNote(
  tx: Tx,
  session: SessionRow,
  link: LinkRow,
  compose: ComposeSummary,
  now: number,
): Promise<PendingNote | undefined> {
  const summary = await latestSummary(tx, session.id);
  const told = await toldSummary(tx, link.id);
  if (!summary || told?.summary === summary.id) return undefined;
  const text = compose(session, summary.text, now);
  const { id } = await tx
    .insertInto('autoplay_note')
    .values({
      link: link.id,
      kind: 'summary',
      summary: summary.id,
      state: 'posting',
      text,
      from_seq: 1,
      to_seq: summary.upto_seq,
      actions: 0,
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const otherNoteIds = await knownNoteIds(tx, link);
  return { id, text, actions: 0, mayHaveLanded: false, since: now, otherNoteIds };
}

export async function latestSummary(tx: Tx, sessionRow: number) {
  return await tx
    .selectFrom('autoplay_summary')
    .selectAll()
    .where('session', '=', sessionRow)
    .orderBy('upto_seq', 'desc')
    .orderBy('id', 'desc')
    .executeTakeFirst();
}

/** The summary note that stands confirmed in the conversation; the newest if there are several. */
async function toldSummary(tx: Tx, linkId: number) {
  return await tx
    .selectFrom('autoplay_note')
    .select(['id', 'summary', 'to_seq'])
    .where('link', '=', linkId)
    .where('kind', '=', 'summary')
    .where('state', '!=', 'posting')
    .orderBy('id', 'desc')
    .executeTakeFirst();
}

/** See {@link SessionMemory.redactable}. */
export async function redactable({ db }: SqlContext, claim: Claim): Promise<RedactableNote[]> {
  return await db.transaction().execute(async (tx) => {
    const held = await tx
      .selectFrom('autoplay_link')
      .select('id')
      .where('id', '=', claim.linkId)
      .where('lease', '=', claim.lease)
      .executeTakeFirst();
    if (!held) throw new LeaseLostError(claim.session.session_id);
    return await covered(tx, claim.linkId);
  });
}

/**
 * Notes that the confirmed summary note makes superfluous: activity notes without any action that
 * is newer than it, and the summary notes before it.
 */
async function covered(tx: Tx, linkId: number): Promise<RedactableNote[]> {
  const told = await toldSummary(tx, linkId);
  if (!told) return [];
  const notes = await tx
    .selectFrom('autoplay_note')
    .select(['id', 'note_id'])
    .where('link', '=', linkId)
    .where('state', '=', 'standing')
    .where((eb) =>
      eb.or([
        eb.and([eb('kind', '=', 'activity'), eb('to_seq', '<=', told.to_seq)]),
        eb.and([eb('kind', '=', 'summary'), eb('id', '<', told.id)]),
      ]),
    )
    .orderBy('id')
    .execute();
  return notes.flatMap(({ id, note_id }) => (note_id === null ? [] : [{ id, noteId: note_id }]));
}

/** See {@link SessionMemory.markRedacted}. */
export async function markRedacted({ db }: SqlContext, note: RedactableNote): Promise<void> {
  await db
    .updateTable('autoplay_note')
    .set({ state: 'redacted' })
    .where('id', '=', note.id)
    .execute();
}
