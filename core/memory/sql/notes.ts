import type {
  Claim,
  FailedPost,
  HeldNote,
  NoteClaim,
  NoteCondition,
  NoteRules,
  PendingNote,
  SessionRef,
} from '../types';
import { withTime } from '../../payload/times';
import type { TimedAction } from '../../text/note';
import { readActions, type StoredAction } from './actions';
import { ofChat } from './chats';
import {
  claimOf,
  giveBack,
  isLeased,
  lease,
  release,
  REPLACING,
  setLink,
  whatIsLeft,
} from './claims';
import { holdsBack, toldBySummary } from './conversations';
import { findOrMakeLink } from './links';
import { findSession, lockSessionOf, type LinkRow, type SessionRow } from './sessions';
import type { SqlContext, Tx } from './tables';
import { transact } from './transactions';

/** See {@link SessionMemory.claimNote}. */
export async function claimNote(
  { db, clock, newId, rules }: SqlContext,
  ref: SessionRef,
  chat: string,
  condition: NoteCondition,
): Promise<NoteClaim> {
  const now = clock.now();
  return await transact(db, async (tx): Promise<NoteClaim> => {
    const session = await findSession(tx, ref, now);
    const link = session && (await findOrMakeLink(tx, session, chat, rules, now));
    if (!session || !link) return { status: 'not_linked' };
    const conversationId = link.conversation_id;
    if (isLeased(link, 'post', now)) {
      const by = link.lease?.startsWith(REPLACING) ? 'replacement' : 'delivery';
      return { status: 'busy', conversationId, by };
    }
    const { leaseMs, follow } = condition;
    const unfinished = await unfinishedNote(tx, link, 'activity');
    if (!unfinished && follow) {
      const held = await holdsBack(tx, session, link, follow, now);
      if (held) return { ...held, conversationId };
    }
    const note = unfinished ?? (await composeNote(tx, session, link, rules, condition, now));
    if (!note) return { status: 'nothing', conversationId };
    const claim = await lease(tx, session, link, { right: 'post', id: newId(), leaseMs, now });
    return { status: 'claimed', claim, note };
  });
}

/** Everything not delivered yet as one note, stored before it is posted. */
async function composeNote(
  tx: Tx,
  session: SessionRow,
  link: LinkRow,
  rules: NoteRules,
  condition: NoteCondition,
  now: number,
): Promise<PendingNote | undefined> {
  const first = link.delivered_seq === null;
  const { follow } = condition;
  const summed = follow ? await toldBySummary(tx, session, link, follow.latest) : 0;
  // What another person did in this session before is not for this conversation.
  const after = Math.max(link.delivered_seq ?? 0, session.person_from_seq - 1, summed);
  // `linked_at` is in the future if the clock has been set back since.
  const since = first ? Math.min(link.linked_at, now) - condition.windowMs : undefined;
  const waiting = await readActions(tx, session.id, { after, since, limit: condition.maxActions });
  const compose = (some: readonly (typeof waiting)[number][]) =>
    rules.composeActivity(session, some.map(timed), first, condition.format);
  const { text, actions } = fitting(waiting, compose, mostChars(condition, link.failures));
  const [oldest] = actions;
  const newest = actions.at(-1);
  if (!oldest || !newest) {
    // Activity from before the window does not go into the conversation; it still counts for the summary.
    if (first) {
      await setLink(tx, link.id, { delivered_seq: session.last_seq });
      await setLink(tx, link.id, { due_at: await whatIsLeft(tx, link.id, now) });
    }
    return undefined;
  }
  const row = {
    link: link.id,
    kind: 'activity' as const,
    state: 'posting' as const,
    text,
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
    rowId: id,
    text: row.text,
    actions: row.actions,
    isCut: actions.length < waiting.length || waiting.length >= condition.maxActions,
    mayHaveLanded: false,
    since: now,
    otherNoteIds: await knownNoteIds(tx, link, now),
  };
}

function timed({ action, at }: StoredAction): TimedAction {
  return { at, action: withTime(action, at) };
}

/** The first actions, as many as fit into a note but at least one, and the note's text. */
function fitting<A>(actions: readonly A[], compose: (some: readonly A[]) => string, most: number) {
  let some = actions;
  let text = compose(some);
  while (text.length > most && some.length > 1) {
    const share = Math.floor((some.length * most) / text.length);
    some = some.slice(0, Math.max(1, Math.min(share, some.length - 1)));
    text = compose(some);
  }
  return { text, actions: some };
}

function mostChars(
  { maxChars = Infinity, minChars = maxChars }: NoteCondition,
  failures: number,
): number {
  return Math.max(minChars, maxChars / 2 ** failures);
}

/** A note whose outcome is not known. It has to be looked up before anything else is posted. */
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
  const otherNoteIds = await knownNoteIds(tx, link, created_at);
  return {
    rowId: id,
    text,
    actions,
    isCut: false,
    mayHaveLanded: true,
    since: created_at,
    otherNoteIds,
  };
}

/** A note is looked up by its time, too. The clocks of n8n and the chat product differ by less than this. */
const MISTAKEN_MS = 2 * 3_600_000;
const MOST_KNOWN = 1_000;

/**
 * Ids of the notes in the conversation that are known to be other ones than a note that is being looked up: the latest
 * notes that were posted not long before it or after it. Redacted notes are left out, because they have no text any
 * more.
 *
 * @param since when the note that is looked up was first tried
 */
export async function knownNoteIds(tx: Tx, link: LinkRow, since: number): Promise<string[]> {
  const rows = await tx
    .selectFrom('autoplay_note')
    .innerJoin('autoplay_link', 'autoplay_link.id', 'autoplay_note.link')
    .select('autoplay_note.note_id')
    .where(ofChat('autoplay_link.chat', link.chat))
    .where('autoplay_link.conversation_id', '=', link.conversation_id)
    .where('autoplay_note.state', '=', 'standing')
    .where('autoplay_note.note_id', 'is not', null)
    .where('autoplay_note.created_at', '>=', since - MISTAKEN_MS)
    .orderBy('autoplay_note.id', 'desc')
    .limit(MOST_KNOWN)
    .execute();
  return rows.flatMap((row) => row.note_id ?? []).reverse();
}

/** See {@link SessionMemory.heldNote}. */
export async function heldNote(
  { db }: SqlContext,
  memory: string,
  rowId: number,
  lease: string,
): Promise<HeldNote | null> {
  return await transact(db, async (tx): Promise<HeldNote | null> => {
    const session = await tx
      .selectFrom('autoplay_note')
      .innerJoin('autoplay_link', 'autoplay_link.id', 'autoplay_note.link')
      .innerJoin('autoplay_session', 'autoplay_session.id', 'autoplay_link.session')
      .selectAll('autoplay_session')
      .select(['autoplay_note.link', 'autoplay_note.to_seq'])
      .where('autoplay_note.id', '=', rowId)
      .where('autoplay_session.memory', '=', memory)
      .executeTakeFirst();
    if (!session) return null;
    const link = await tx
      .selectFrom('autoplay_link')
      .selectAll()
      .where('id', '=', session.link)
      .executeTakeFirst();
    const note = link && (await unfinishedNote(tx, link, 'activity'));
    if (!link || note?.rowId !== rowId) return null;
    const claim = await claimOf(tx, session, link, {
      right: 'post',
      id: lease,
      until: link.lease_until ?? 0,
    });
    return { claim, note, isAll: session.to_seq >= session.last_seq };
  });
}

/** See {@link SessionMemory.commitNote}. */
export async function commitNote(
  { db, clock }: SqlContext,
  claim: Claim,
  note: PendingNote,
  noteId: string | null,
): Promise<void> {
  await transact(db, async (tx) => {
    await lockSessionOf(tx, claim.linkId);
    const row = await tx
      .updateTable('autoplay_note')
      // The text is in the chat product now. What is not kept here cannot leak.
      .set({ state: 'standing', note_id: await unlessTaken(tx, claim, noteId), text: '' })
      .where('id', '=', note.rowId)
      .where('state', '=', 'posting')
      .returning(['kind', 'to_seq'])
      .executeTakeFirst();
    // No row: the note was forgotten while it was being posted, or another worker took the lapsed claim over and
    // committed it. Then the claim is not ours any more either, and nothing is given back.
    const now = clock.now();
    if (row) {
      await tx
        .updateTable('autoplay_link')
        .set((eb) => ({
          noted_at: now,
          notes: eb('notes', '+', 1),
          ...(row.kind === 'activity' && { delivered_seq: row.to_seq }),
        }))
        .where('id', '=', claim.linkId)
        .execute();
    }
    await giveBack(tx, claim, now);
  });
}

/**
 * The id, or null if another note of the conversation has it already. Two notes with the same words can be mistaken for
 * each other while both are being posted. Each id belongs to one note; the other note's id is then unknown, so that
 * redacting it does not redact the first one.
 */
async function unlessTaken(
  tx: Tx,
  { chat, conversationId }: Claim,
  noteId: string | null,
): Promise<string | null> {
  if (noteId === null) return null;
  const other = await tx
    .selectFrom('autoplay_link')
    .innerJoin('autoplay_note', 'autoplay_note.link', 'autoplay_link.id')
    .select('autoplay_note.id')
    .where('autoplay_link.conversation_id', '=', conversationId)
    .where(ofChat('autoplay_link.chat', chat))
    .where('autoplay_note.note_id', '=', noteId)
    .executeTakeFirst();
  return other ? null : noteId;
}

/** See {@link SessionMemory.releaseNote}. */
export async function releaseNote(
  context: SqlContext,
  claim: Claim,
  note: PendingNote,
  { mayHaveLanded, retryAfterMs }: FailedPost,
): Promise<void> {
  if (!mayHaveLanded) {
    // The note is composed anew next time, together with what has happened until then. It stays if the claim lapsed,
    // because the worker that took over is posting this very note.
    await context.db
      .deleteFrom('autoplay_note')
      .where('id', '=', note.rowId)
      .where('state', '=', 'posting')
      .where('link', '=', (eb) =>
        eb
          .selectFrom('autoplay_link')
          .select('id')
          .where('id', '=', claim.linkId)
          .where('lease', '=', claim.lease),
      )
      .execute();
  }
  await release(context, claim, retryAfterMs);
}
