import { shorten } from '../../text/visible';
import type {
  NoteRules,
  PendingNote,
  RedactableNote,
  RedactionClaim,
  RedactionCondition,
  ReplacementLeft,
  SessionRef,
  SummaryNoteClaim,
  SummaryNoteCondition,
} from '../types';
import { isLeased, lease, REPLACING, setLink } from './claims';
import { isPaused } from './conversations';
import { covered, latestSummary, replacementOf, toldSummary } from './covered';
import { isAhead } from './leases';
import { knownNoteIds, unfinishedNote } from './notes';
import { findLink, findSession, type LinkRow, type SessionRow } from './sessions';
import type { SqlContext, Tx } from './tables';
import { transact } from './transactions';

/** See {@link SessionMemory.replacementLeft}. */
export async function replacementLeft(
  { db, clock }: SqlContext,
  ref: SessionRef,
  chat: string,
  keepLatest = 0,
): Promise<ReplacementLeft> {
  const now = clock.now();
  return await transact(db, async (tx): Promise<ReplacementLeft> => {
    const session = await findSession(tx, ref, now);
    const link = session && (await findLink(tx, session.id, chat));
    if (!session || !link) return { status: 'not_linked' };
    if (link.keep_latest !== keepLatest) await setLink(tx, link.id, { keep_latest: keepLatest });
    const left = await replacementOf(tx, session.id, { ...link, keep_latest: keepLatest });
    const mayBePosted = left.summary && !isPaused(link, now);
    const summary = mayBePosted || (await unfinishedNote(tx, link, 'summary')) !== undefined;
    return { status: 'linked', conversationId: link.conversation_id, ...left, summary };
  });
}

/** See {@link SessionMemory.claimSummaryNote}. */
export async function claimSummaryNote(
  { db, clock, newId, rules }: SqlContext,
  ref: SessionRef,
  chat: string,
  { leaseMs, maxChars = Infinity, format }: SummaryNoteCondition,
): Promise<SummaryNoteClaim> {
  const now = clock.now();
  return await transact(db, async (tx): Promise<SummaryNoteClaim> => {
    const session = await findSession(tx, ref, now);
    const link = session && (await findLink(tx, session.id, chat));
    if (!session || !link) return { status: 'not_linked' };
    const conversationId = link.conversation_id;
    if (isLeased(link, 'post', now)) return { status: 'busy', conversationId };
    const note =
      (await unfinishedNote(tx, link, 'summary')) ??
      (await composeNote(tx, session, link, rules, { now, maxChars, format }));
    if (!note) return { status: 'nothing', conversationId };
    const id = REPLACING + newId();
    const claim = await lease(tx, session, link, { right: 'post', id, leaseMs, now });
    return { status: 'claimed', claim, note };
  });
}

/** See {@link SessionMemory.claimRedactions}. */
export async function claimRedactions(
  { db, clock, newId }: SqlContext,
  ref: SessionRef,
  chat: string,
  { leaseMs, includePaused }: RedactionCondition,
): Promise<RedactionClaim> {
  const now = clock.now();
  return await transact(db, async (tx): Promise<RedactionClaim> => {
    const session = await findSession(tx, ref, now);
    const link = session && (await findLink(tx, session.id, chat));
    if (!session || !link) return { status: 'not_linked' };
    const conversationId = link.conversation_id;
    if (isLeased(link, 'redact', now)) return { status: 'busy', conversationId };
    // Every activity passes by here: redactions that fail are not to be tried by each of them.
    const pausing = !includePaused && isAhead(link.redact_retry_at, now);
    const notes = pausing ? [] : await covered(tx, link, await toldSummary(tx, link.id));
    if (notes.length === 0) return { status: 'nothing', conversationId };
    const claim = await lease(tx, session, link, { right: 'redact', id: newId(), leaseMs, now });
    return { status: 'claimed', claim, notes };
  });
}

/** The latest summary as a note, unless this conversation has it already. */
async function composeNote(
  tx: Tx,
  session: SessionRow,
  link: LinkRow,
  rules: NoteRules,
  {
    now,
    maxChars,
    format,
  }: Pick<SummaryNoteCondition, 'format'> & { now: number; maxChars: number },
): Promise<PendingNote | undefined> {
  const summary = await latestSummary(tx, session.id);
  const told = await toldSummary(tx, link.id);
  if (!summary || told?.summary === summary.id) return undefined;
  const began = await beganAt(tx, session);
  const text = rules.composeSummary(session, shorten(summary.text, maxChars), now, format, began);
  const { id: rowId } = await tx
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
  const otherNoteIds = await knownNoteIds(tx, link, now);
  return { rowId, text, actions: 0, isCut: false, mayHaveLanded: false, since: now, otherNoteIds };
}

/** When the person who acts in the session now began to, for the replay; undefined where there is none. */
async function beganAt(tx: Tx, session: SessionRow): Promise<number | undefined> {
  const first = await tx
    .selectFrom('autoplay_action')
    .select('at')
    .where('session', '=', session.id)
    .where('seq', '>=', session.person_from_seq)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  return first?.at;
}

/** See {@link SessionMemory.markRedacted}. */
export async function markRedacted({ db }: SqlContext, note: RedactableNote): Promise<void> {
  await db
    .updateTable('autoplay_note')
    .set({ state: 'redacted' })
    .where('id', '=', note.rowId)
    .execute();
}
