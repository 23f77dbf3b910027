import type { Claim, ComposeSummary, PendingNote, RedactableNote } from '../types';
import {
  LeaseLostError,
  type ReplacementClaim,
  type ReplacementCondition,
  type SessionRef,
} from '../types';
import { isLeased, lease, REPLACING } from './claims';
import { covered, latestSummary, toldSummary } from './covered';
import { knownNoteIds, unfinishedNote } from './notes';
import { findLink, findSession, type LinkRow, type SessionRow } from './sessions';
import type { SqlContext, Tx } from './tables';

/** See {@link SessionMemory.claimReplacement}. */
export async function claimReplacement(
  { db, clock, newId }: SqlContext,
  ref: SessionRef,
  chat: string,
  compose: ComposeSummary,
  { leaseMs, evenBackingOff }: ReplacementCondition,
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
    // Every activity passes by here: redactions that fail are not to be tried by each of them.
    const pausing = !evenBackingOff && link.failures > 0 && (link.due_at ?? 0) > now;
    if (!note && (pausing || (await covered(tx, link.id)).length === 0)) {
      return { status: 'nothing', conversationId };
    }
    const claim = await lease(tx, session, link, REPLACING + newId(), now + leaseMs);
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

/** See {@link SessionMemory.markRedacted}. */
export async function markRedacted({ db }: SqlContext, note: RedactableNote): Promise<void> {
  await db
    .updateTable('autoplay_note')
    .set({ state: 'redacted' })
    .where('id', '=', note.id)
    .execute();
}
