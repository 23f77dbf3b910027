import { wait } from '../clock';
import { TooBusyError } from '../http/pace';
import type { NoteClaim, SessionRef } from '../memory/types';
import { claimActivity, halfAfter, MAX_NOTE_CHARS, MAX_WAITS, WAIT_MS } from './claim';
import { OtherWorkspaceError } from './destination';
import { LEASE_MS } from './lease';
import { postClaimed, sessionKey, type DeliveryParts } from './post';

/** A post that takes longer than this looks again: others may have given up waiting for it. */
const SLOW_MS = (WAIT_MS * MAX_WAITS.delivery) / 2;

interface DeliveryOptions {
  /** What happened before the link and is still told, in milliseconds. */
  linkWindowMs: number;
}

export interface PostedNote {
  note_id: string | null;
  actions: number;
}

type DeliveryOutcome =
  | { status: 'not_linked'; leftForLater?: boolean }
  | {
      status: 'delivered';
      conversationId: string;
      notes: PostedNote[];
      /** Somebody else is delivering for this session, and will tell what is left. */
      busy: boolean;
      /** The chat product does not answer just now: somebody has to try again later. */
      leftForLater: boolean;
    };

/**
 * Tells a session's conversation everything it has not been told yet, that is, all that was remembered
 * before this was called. Nothing is posted, and nothing lost, while the session is not linked.
 *
 * @throws ConversationGoneError when the conversation is gone (the link has been ended);
 *   ServiceError, OutcomeUnknownError when a note could not be posted (it will be tried again)
 */
export async function deliverActivity(
  parts: DeliveryParts,
  session: SessionRef,
  { linkWindowMs }: DeliveryOptions,
): Promise<DeliveryOutcome> {
  const { gate, clock, memory, destination } = parts;
  const turn = { session: sessionKey(session), kind: 'activity' as const };
  const notes: PostedNote[] = [];
  let conversationId = '';
  let waits = 0;
  let maxChars = MAX_NOTE_CHARS;
  const delivered = (to: string) => ({
    status: 'delivered' as const,
    conversationId: to,
    notes,
    busy: false,
    leftForLater: false,
  });
  for (;;) {
    const work = gate.run(turn, (stepAside) =>
      deliverOnce(parts, session, { linkWindowMs, maxChars }, stepAside),
    );
    const outcome = await work.catch(unlessAway);
    if (outcome === undefined || outcome.status === 'left for later') {
      const linked = await memory.conversationOf(session, destination.chat);
      const leftForLater = outcome !== undefined;
      // The stream may have named a conversation that only delivery would have linked.
      if (linked === null) return { status: 'not_linked', leftForLater };
      return { ...delivered(linked), busy: !leftForLater, leftForLater };
    }
    if (outcome.status === 'too long') {
      ({ maxChars } = outcome);
      continue;
    }
    if (outcome.status === 'posted') {
      ({ conversationId } = outcome);
      notes.push(outcome.note);
      if (outcome.isAll) return delivered(conversationId);
      continue;
    }
    if (outcome.status === 'not_linked') {
      // Forgotten while its note was being posted: the note stands, and somebody should know.
      return notes.length > 0 ? delivered(conversationId) : outcome;
    }
    const busy = outcome.status === 'busy';
    if (outcome.status === 'busy' && ++waits <= MAX_WAITS[outcome.by]) {
      await wait(clock, WAIT_MS);
      continue;
    }
    return { ...delivered(outcome.conversationId), busy };
  }
}

function unlessAway(error: unknown): { status: 'left for later' } {
  if (error instanceof TooBusyError) return { status: 'left for later' };
  throw error;
}

type Turn =
  /** Refused, perhaps for its length: it is to be tried once more with so many characters. */
  | { status: 'too long'; maxChars: number }
  | Exclude<NoteClaim, { status: 'claimed' }>
  | {
      status: 'posted';
      conversationId: string;
      note: PostedNote;
      /** Whether nothing is left that somebody relies on us to tell. */
      isAll: boolean;
    };

/** Posts one note with everything that is there by now, or as much as a note may hold. */
async function deliverOnce(
  parts: DeliveryParts,
  session: SessionRef,
  size: { linkWindowMs: number; maxChars: number },
  stepAside: () => void,
): Promise<Turn> {
  const { memory, destination, clock } = parts;
  const claimed = await claimActivity(memory, session, destination.chat, {
    ...size,
    leaseMs: LEASE_MS,
  });
  if (claimed.status !== 'claimed') return claimed;
  const { claim, note } = claimed;
  const began = clock.now();
  let noteId: string | null;
  try {
    noteId = await postClaimed(parts, claim, note, stepAside);
  } catch (error) {
    if (error instanceof OtherWorkspaceError) return { status: 'not_linked' };
    const maxChars = halfAfter(error, note);
    if (maxChars === undefined) throw error;
    return { status: 'too long', maxChars };
  }
  const posted = { note_id: noteId, actions: note.actions };
  const wasFast = clock.now() - began < SLOW_MS;
  // One that an earlier attempt left behind tells what there was then.
  const isAll = wasFast && !note.mayHaveLanded && !note.isCut;
  return { status: 'posted', conversationId: claim.conversationId, note: posted, isAll };
}
