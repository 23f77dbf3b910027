import { timeUntil, wait, type Clock } from '../clock';
import { OutcomeUnknownError, ServiceError, UnreachableError } from '../http/errors';
import { backoff, pauseAfter } from '../http/retries';
import {
  LeaseLostError,
  type Claim,
  type PendingNote,
  type SessionMemory,
  type SessionRef,
} from '../memory/types';
import { ConversationGoneError, type Destination } from './destination';
import type { Gate } from './gate';
import { whileRenewing } from './lease';

/** What delivering needs. */
export interface DeliveryParts {
  memory: SessionMemory;
  destination: Destination;
  /** One for all that deliver with the same token in this process. */
  gate: Gate;
  clock: Clock;
  random: () => number;
}

/** A session as the gate knows it. */
export function sessionKey({ memory, product_id, session_id }: SessionRef): string {
  return JSON.stringify([memory, product_id, session_id]);
}

/**
 * A post that ended without an answer may still be carried out: by a service that does not notice
 * that nobody listens any more, or on a slow way. Only so long after it ended, in milliseconds, is
 * a note that is not in the conversation believed not to come.
 */
export const SETTLE_MS = 10_000;
const MAX_ATTEMPTS = 3;

/** What came of one attempt at posting. */
type Attempt =
  | { noteId: string | null }
  | {
      error: Error;
      mayHaveLanded: boolean;
      /** Whether what is not in the conversation by now will not come. */
      isOver: boolean;
    };

/** Thrown in place of posting, where the conversation is only to be looked at. */
class NotThereYet extends Error {}

/**
 * Posts a claimed note until its outcome is known, and books it. After an attempt that ended without
 * an answer the conversation is looked at; the note is posted again only once the first cannot come
 * any more. On failure the claim is given back so that the next activity, or a later look, tries again.
 *
 * @param stepAside gives the place at the {@link Gate} to others: attempts are far apart
 * @returns the note's id; null when the chat product did not tell it
 * @throws ConversationGoneError after ending the link; whatever the destination throws; LeaseLostError
 */
export async function postClaimed(
  parts: DeliveryParts,
  claim: Claim,
  note: PendingNote,
  stepAside: () => void,
): Promise<string | null> {
  const { memory, gate } = parts;
  let outcome = await attemptPost(parts, claim, note);
  for (let attempts = 1; 'error' in outcome; attempts++) {
    const { error, mayHaveLanded } = outcome;
    if (error instanceof ConversationGoneError) {
      await memory.endLink(claim);
      throw error;
    }
    if (error instanceof LeaseLostError) throw error;
    const again = { ...note, mayHaveLanded };
    if (!isRefusal(error)) {
      stepAside();
      // Also before it is given back: whoever claims it next looks at once.
      const found = await settle(parts, claim, again, outcome.isOver, attempts);
      if (found) {
        outcome = found;
        continue;
      }
    }
    if (isRefusal(error) || attempts >= MAX_ATTEMPTS || gate.isAway()) {
      await memory.releaseNote(claim, note, mayHaveLanded, pauseAfter(claim.failures));
      throw error;
    }
    outcome = await attemptPost(parts, claim, again);
  }
  return outcome.noteId;
}

/** Waits until a note that is not there will not come; what became of it if that shows before. */
async function settle(
  parts: DeliveryParts,
  claim: Claim,
  note: PendingNote,
  isOver: boolean,
  attempts: number,
): Promise<Attempt | undefined> {
  const { clock, gate, random } = parts;
  const pause = async (ms: number) => await whileRenewing(parts, claim, () => wait(clock, ms));
  const until = clock.now() + SETTLE_MS;
  await pause(backoff(attempts, random));
  if (isOver) return undefined;
  // Nobody would answer; whoever claims the note next looks.
  if (!gate.isAway()) {
    const looked = await attemptPost(parts, claim, note, () => Promise.reject(new NotThereYet()));
    const shows = !('error' in looked) || isFinal(looked.error);
    if (shows) return looked;
  }
  await pause(timeUntil(clock, until, SETTLE_MS));
  return undefined;
}

/**
 * Posts a claimed note once, or finds it, and books it. Does not throw: failures are an outcome.
 * @param beforePosting keeps it from being posted, when it throws
 */
async function attemptPost(
  { memory, destination, clock }: DeliveryParts,
  claim: Claim,
  note: PendingNote,
  beforePosting?: () => Promise<void>,
): Promise<Attempt> {
  const { text, since, otherNoteIds, mayHaveLanded } = note;
  const { conversationId, chat } = claim;
  const post = { conversationId, chat, text, since, otherNoteIds, mayHaveLanded };
  let stands = false;
  try {
    const noteId = await whileRenewing({ memory, clock }, claim, (ensure) =>
      destination.postNote({ ...post, beforePosting: beforePosting ?? ensure }),
    );
    // Whatever becomes of our own books.
    stands = true;
    await memory.commitNote(claim, note, noteId);
    return { noteId };
  } catch (thrown) {
    const error = thrown as Error;
    const isOver = stands || (error instanceof OutcomeUnknownError && error.isOver);
    return { error, mayHaveLanded: mayHaveLanded || stands || !isRefusal(error), isOver };
  }
}

/** Whether there is nothing to be tried again. */
function isFinal(error: Error): boolean {
  return error instanceof ConversationGoneError || error instanceof LeaseLostError;
}

/** Whether nothing was posted for certain. */
function isRefusal(error: Error): boolean {
  return error instanceof ServiceError || error instanceof UnreachableError;
}
