import { wait } from '../clock';
import type { NoteFormat } from '../text/noteFormat';
import { TooBusyError } from '../http/pace';
import type { Pace, Pause } from '../memory/pace';
import type { NoteClaim, SessionRef } from '../memory/types';
import { claimActivity, halfAfter, MAX_NOTE_CHARS, type ActivityCondition } from './claim';
import { OtherWorkspaceError } from './destination';
import { LEASE_MS, MAX_WAITS, WAIT_MS } from './lease';
import { postClaimed, sessionKey, type DeliveryParts } from './post';
import { postSummary, type PostedSummary } from './replace';

/** After a post that took longer than this, there may be activity of executions that did not wait for it. */
const SLOW_MS = (WAIT_MS * MAX_WAITS.delivery) / 2;

interface DeliveryOptions {
  /** How much of what happened before the link is delivered, in milliseconds. */
  linkWindowMs: number;
  /**
   * The pace at which notes follow the conversation. If a summary covers actions that wait for a note, deliverActivity
   * posts it before the note. Without a pace, it delivers all activity as it happens.
   */
  pace?: Pace | undefined;
  format?: NoteFormat | undefined;
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
      /** The summary that was posted before the notes, because it covers a part of the actions that waited. */
      summaryNote: PostedSummary | null;
      /** Why the rest of the activity waits, if it does. */
      pause: Pause | null;
      /** Another execution is delivering for this session; its notes will include what is left. */
      busy: boolean;
      /** The chat product does not answer at the moment, so a later execution has to deliver the rest. */
      leftForLater: boolean;
    };

/**
 * Delivers into a session's conversation all activity that was remembered before this call and not delivered yet.
 * While the session has no link, nothing is posted and nothing is lost.
 *
 * @throws ConversationGoneError after the link of a missing conversation was ended; ServiceError, UnreachableError or
 *   OutcomeUnknownError if a note could not be posted (it will be tried again)
 */
export async function deliverActivity(
  parts: DeliveryParts,
  session: SessionRef,
  { linkWindowMs, pace, format }: DeliveryOptions,
): Promise<DeliveryOutcome> {
  const { gate, clock, memory, destination } = parts;
  const turn = { session: sessionKey(session), kind: 'activity' as const };
  const notes: PostedNote[] = [];
  let conversationId = '';
  let waits = 0;
  let maxChars = MAX_NOTE_CHARS;
  let summaryFirst = true;
  let summaryNote: PostedSummary | null = null;
  const delivered = (to: string) => ({
    status: 'delivered' as const,
    conversationId: to,
    notes,
    summaryNote,
    pause: null,
    busy: false,
    leftForLater: false,
  });
  for (;;) {
    const work = gate.run(turn, (stepAside) =>
      deliverOnce(
        parts,
        session,
        { linkWindowMs, maxChars, pace, summaryFirst, format },
        stepAside,
      ),
    );
    const outcome = await work.catch(unlessTooBusy);
    // Undefined: another execution is already waiting to write this note.
    if (outcome === undefined || outcome.status === 'left_for_later') {
      const linked = await memory.conversationOf(session, destination.chat);
      const leftForLater = outcome !== undefined;
      // The stream may have named a conversation, which only a delivery would have linked.
      if (linked === null) return { status: 'not_linked', leftForLater };
      return { ...delivered(linked), busy: !leftForLater, leftForLater };
    }
    if (outcome.status === 'other_workspace') continue;
    if (outcome.status === 'paused') {
      return { ...delivered(outcome.conversationId), pause: outcome.pause };
    }
    if (outcome.status === 'summary_first') {
      // If it cannot be posted now, the notes list all actions.
      summaryFirst = false;
      const { note } = await postSummary(parts, session, format);
      summaryNote = note ?? null;
      continue;
    }
    if (outcome.status === 'too_long') {
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
      // Forgotten after a note was posted: the note is in the conversation and has to be reported.
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

function unlessTooBusy(error: unknown): { status: 'left_for_later' } {
  if (error instanceof TooBusyError) return { status: 'left_for_later' };
  throw error;
}

type NoteOutcome =
  /** Refused, perhaps for its length: it may be tried again with this many characters. */
  | { status: 'too_long'; maxChars: number }
  /** The link is another workspace's. The token's own became known only now, and may have a link, too. */
  | { status: 'other_workspace' }
  | Exclude<NoteClaim, { status: 'claimed' }>
  | {
      status: 'posted';
      conversationId: string;
      note: PostedNote;
      /** Whether no activity is left that other executions have left to this one. */
      isAll: boolean;
    };

/** Posts one note with all activity that was not delivered yet, or as much of it as a note may contain. */
async function deliverOnce(
  parts: DeliveryParts,
  session: SessionRef,
  condition: Omit<ActivityCondition, 'leaseMs'>,
  stepAside: () => void,
): Promise<NoteOutcome> {
  const { memory, destination, clock } = parts;
  const { chat } = destination;
  const claimed = await claimActivity(memory, session, chat, {
    ...condition,
    leaseMs: LEASE_MS,
  });
  if (claimed.status !== 'claimed') return claimed;
  const { claim, note } = claimed;
  const began = clock.now();
  let noteId: string | null;
  try {
    noteId = await postClaimed(parts, claim, note, stepAside);
  } catch (error) {
    if (error instanceof OtherWorkspaceError) {
      return { status: destination.chat === chat ? 'not_linked' : 'other_workspace' };
    }
    const maxChars = halfAfter(error, note);
    if (maxChars === undefined) throw error;
    return { status: 'too_long', maxChars };
  }
  const posted = { note_id: noteId, actions: note.actions };
  const wasFast = clock.now() - began < SLOW_MS;
  // A note that an earlier attempt left behind contains only what had happened by then.
  const isAll = wasFast && !note.mayHaveLanded && !note.isCut;
  return { status: 'posted', conversationId: claim.conversationId, note: posted, isAll };
}
