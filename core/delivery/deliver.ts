import { wait } from '../clock';
import type { NoteClaim, SessionRef } from '../memory/types';
import { activityNoteText, BIN_SECONDS } from '../text/note';
import { LEASE_MS, postClaimed, type DeliveryParts } from './post';

/** How much of what happened before the link goes out with it, in milliseconds. */
export const LINK_WINDOW_MS = 120_000;
/** A replacement takes a few calls; beyond the time a claim outlives its holder something is wrong. */
const WAIT_MS = 200;
const MAX_WAITS = (LEASE_MS + 15_000) / WAIT_MS;
/** A note longer than this is cut into several. */
const MAX_ACTIONS_PER_NOTE = 500;

export interface DeliveryOptions {
  /** What happened before the link and is still told, in milliseconds. */
  linkWindowMs: number;
}

export interface PostedNote {
  note_id: string | null;
  actions: number;
}

export type DeliveryOutcome =
  | { status: 'not_linked' }
  /** `busy`: another execution is delivering this session and takes along what is there. */
  | { status: 'delivered'; conversationId: string; notes: PostedNote[]; busy: boolean };

/**
 * Tells a session's conversation everything it has not been told yet. Nothing is posted, and
 * nothing lost, while the session is not linked.
 *
 * @throws ConversationGoneError when the conversation is gone (the link has been ended);
 *   ServiceError, OutcomeUnknownError when a note could not be posted (it will be tried again)
 */
export async function deliverActivity(
  parts: DeliveryParts,
  session: SessionRef,
  { linkWindowMs }: DeliveryOptions,
): Promise<DeliveryOutcome> {
  const notes: PostedNote[] = [];
  let conversationId = '';
  let waits = 0;
  for (;;) {
    // What arrives while a note is being posted is picked up by the next turn, so that whoever
    // found the session busy meanwhile can leave it to us.
    const turn = await parts.gate.run(() => deliverOnce(parts, session, linkWindowMs));
    if (turn.status === 'posted') {
      ({ conversationId } = turn);
      notes.push(turn.note);
      continue;
    }
    if (turn.status === 'not_linked') {
      // Forgotten while its note was being posted: the note stands, and somebody should know.
      if (notes.length > 0) return { status: 'delivered', conversationId, notes, busy: false };
      return turn;
    }
    const busy = turn.status === 'busy';
    if (turn.status === 'busy' && turn.by === 'replacement' && ++waits <= MAX_WAITS) {
      await wait(parts.clock, WAIT_MS);
      continue;
    }
    return { status: 'delivered', conversationId: turn.conversationId, notes, busy };
  }
}

type Turn =
  | Exclude<NoteClaim, { status: 'claimed' }>
  | { status: 'posted'; conversationId: string; note: PostedNote };

/** Posts one note with everything that is there by now. */
async function deliverOnce(
  parts: DeliveryParts,
  session: SessionRef,
  linkWindowMs: number,
): Promise<Turn> {
  const { memory, destination } = parts;
  const claimed = await memory.claimNote(
    session,
    destination.chat,
    ({ session_id }, actions, first) =>
      activityNoteText(session_id, actions, first ? BIN_SECONDS : 0),
    {
      windowMs: linkWindowMs,
      maxActions: MAX_ACTIONS_PER_NOTE,
      leaseMs: LEASE_MS,
      ownsConversation: (id) => destination.ownsConversation(id),
    },
  );
  if (claimed.status !== 'claimed') return claimed;
  const { claim, note } = claimed;
  const noteId = await postClaimed(parts, claim, note);
  const posted = { note_id: noteId, actions: note.actions };
  return { status: 'posted', conversationId: claim.conversationId, note: posted };
}
