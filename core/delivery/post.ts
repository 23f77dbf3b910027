import { pauseAfter } from '../backoff';
import { timeUntil, wait, type Clock } from '../clock';
import { OutcomeUnknownError, ServiceError, UnreachableError } from '../http/errors';
import { retryPause } from '../http/retries';
import { LeaseLostError } from '../memory/errors';
import type { Claim, PendingNote, SessionMemory, SessionRef } from '../memory/types';
import { asError } from '../values';
import { ConversationGoneError, type Destination } from './destination';
import type { Gate } from './gate';
import { whileRenewing } from './lease';

/*
 * How one claimed note gets into its conversation exactly once.
 *
 *   claimed ──post──> answered ─────────────────────> committed, with the id or null
 *      │                  └ our commit failed ──┐
 *      ├── refused, or no connection ───────────┼──> released: composed anew next time
 *      ├── conversation gone ───────────────────┼──> link ended
 *      └── no answer ──> settle: wait, look ────┤
 *             ├── found ───────────────────────────> committed
 *             ├── not found, attempts left ─────┴──> post again, after another look
 *             └── not found, none left ────────────> released: the same note next time
 *
 * What always holds:
 * - A note is posted a second time only after a look that could have found the first. Such a look comes SETTLE_MS after
 *   the attempt ended, unless the product itself said that the attempt failed (`isOver`).
 * - The claim outlives every request that is under way: `whileRenewing` extends it, and `ensure` checks it right
 *   before the note leaves. So no other process looks for the note while it may still arrive.
 * - The claim is released only when the note cannot arrive any more. The next holder looks at once and may believe it.
 * - A note that may be in its conversation (`mayHaveLanded`) keeps its text: a changed one could not be found.
 * - The place at the gate is free while this waits; the session's other notes still come after this one.
 */

/** What delivery works with. */
export interface DeliveryParts {
  memory: SessionMemory;
  destination: Destination;
  /** One for all deliveries with the same token in this process. */
  gate: Gate;
  clock: Clock;
  random: () => number;
}

/** The key by which the gate knows a session. */
export function sessionKey({ memory, product_id, session_id }: SessionRef): string {
  return JSON.stringify([memory, product_id, session_id]);
}

/**
 * How long a request that ended without an answer may still be carried out, in milliseconds: the service may not have
 * noticed that the connection is closed, or the request is on a slow path. A look before this time proves nothing.
 */
export const SETTLE_MS = 10_000;
const MAX_ATTEMPTS = 3;

interface Failure {
  error: Error;
  /** Whether the note may be in the conversation, from this attempt or an earlier one. */
  mayHaveLanded: boolean;
  /** Whether a note that is not in the conversation by now will not arrive any more. */
  isOver: boolean;
}

type Outcome = { noteId: string | null } | Failure;

/**
 * Posts a claimed note until its outcome is known, and commits or releases the claim.
 *
 * @param stepAside frees the place at the {@link Gate}, because attempts are far apart
 * @returns the note's id; null if it is not certain
 * @throws ConversationGoneError after the link was ended; LeaseLostError; any other error of the destination
 */
export async function postClaimed(
  parts: DeliveryParts,
  claim: Claim,
  note: PendingNote,
  stepAside: () => void,
): Promise<string | null> {
  const { memory, gate } = parts;
  let outcome = await findOrPost(parts, claim, note);
  for (let attempts = 1; 'error' in outcome; attempts++) {
    const { error, mayHaveLanded } = outcome;
    if (error instanceof ConversationGoneError) {
      await memory.endLink(claim);
      throw error;
    }
    if (error instanceof LeaseLostError) throw error;
    const again = { ...note, mayHaveLanded };
    if (!provesNotPosted(error)) {
      stepAside();
      // Also before a release: the next holder of the claim looks at once.
      const settled = await settle(parts, claim, again, outcome.isOver, attempts);
      if (settled) {
        outcome = settled;
        continue;
      }
    }
    if (provesNotPosted(error) || attempts >= MAX_ATTEMPTS || gate.isAway()) {
      await memory.releaseNote(claim, note, {
        mayHaveLanded,
        retryAfterMs: pauseAfter(claim.failures),
      });
      throw error;
    }
    outcome = await findOrPost(parts, claim, again);
  }
  return outcome.noteId;
}

/**
 * Waits until the note cannot arrive any more, and looks for it once on the way.
 * @returns what the look proves; undefined if the note did not arrive
 */
async function settle(
  parts: DeliveryParts,
  claim: Claim,
  note: PendingNote,
  isOver: boolean,
  attempts: number,
): Promise<Outcome | undefined> {
  const { clock, gate, random } = parts;
  const pause = async (ms: number) => await whileRenewing(parts, claim, () => wait(clock, ms));
  const until = clock.now() + SETTLE_MS;
  await pause(retryPause(attempts, random));
  if (isOver) return undefined;
  // A product that is away would not answer the look. The next holder of the claim looks.
  if (!gate.isAway()) {
    const looked = await find(parts, claim, note);
    if (!('error' in looked)) {
      if (looked.noteId !== undefined) return { noteId: looked.noteId };
    } else if (isFinal(looked.error)) {
      return looked;
    }
  }
  await pause(timeUntil(clock, until, SETTLE_MS));
  return undefined;
}

async function find(parts: DeliveryParts, claim: Claim, note: PendingNote) {
  return await attempt(parts, claim, note, () => parts.destination.find(noteOf(claim, note)));
}

async function findOrPost(parts: DeliveryParts, claim: Claim, note: PendingNote): Promise<Outcome> {
  const { destination } = parts;
  const sought = noteOf(claim, note);
  return await attempt(parts, claim, note, async (ensure) => {
    const landed = note.mayHaveLanded ? await destination.find(sought) : undefined;
    return landed ?? (await destination.post(sought, ensure));
  });
}

function noteOf({ conversationId, chat }: Claim, { text, since, otherNoteIds }: PendingNote) {
  return { conversationId, chat, text, since, otherNoteIds };
}

/**
 * Carries out one attempt while the claim is renewed, and commits the note if it was posted or found. Never throws: a
 * failure is an outcome.
 *
 * @param act gives the note's id; undefined if the note was neither posted nor found
 */
async function attempt<Id extends string | null | undefined>(
  { memory, clock }: DeliveryParts,
  claim: Claim,
  note: PendingNote,
  act: (ensure: () => Promise<void>) => Promise<Id>,
): Promise<{ noteId: Id } | Failure> {
  let isPosted = false;
  try {
    const noteId = await whileRenewing({ memory, clock }, claim, act);
    if (noteId !== undefined) {
      isPosted = true;
      await memory.commitNote(claim, note, noteId);
    }
    return { noteId };
  } catch (thrown) {
    const error = asError(thrown);
    // A failed commit changes nothing about the note, which is in the conversation.
    const isOver = isPosted || (error instanceof OutcomeUnknownError && error.isOver);
    const mayHaveLanded = note.mayHaveLanded || isPosted || !provesNotPosted(error);
    return { error, mayHaveLanded, isOver };
  }
}

/** Whether no other attempt can change the outcome. */
function isFinal(error: Error): boolean {
  return error instanceof ConversationGoneError || error instanceof LeaseLostError;
}

/** Whether the attempt that ended with this error certainly posted nothing. */
function provesNotPosted(error: Error): boolean {
  return error instanceof ServiceError || error instanceof UnreachableError;
}
