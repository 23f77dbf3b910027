import { wait, type Clock } from '../clock';
import { OutcomeUnknownError } from '../http/errors';
import { backoff } from '../http/service';
import { LeaseLostError, type Claim, type PendingNote, type SessionMemory } from '../memory/types';
import { ConversationGoneError, type Destination } from './destination';

/** What delivering needs. */
export interface DeliveryParts {
  memory: SessionMemory;
  destination: Destination;
  clock: Clock;
  random: () => number;
}

/**
 * Longer than one attempt at the chat product can take (its requests end after 20 s), so that a
 * second holder never looks for a note that is still on its way.
 */
export const LEASE_MS = 45_000;
const MAX_ATTEMPTS = 3;

/**
 * Posts a claimed note until its outcome is known, and books it.
 * On failure the claim is given back so that the next activity, or a later look, tries again.
 *
 * @returns the note's id; null when the chat product did not tell it
 * @throws ConversationGoneError after ending the link; whatever the destination throws; LeaseLostError
 */
export async function postClaimed(
  { memory, destination, clock, random }: DeliveryParts,
  claim: Claim,
  note: PendingNote,
): Promise<string | null> {
  const { conversationId } = claim;
  let { mayHaveLanded } = note;
  for (let attempts = 1; ; attempts++) {
    try {
      const { text, since, otherNoteIds } = note;
      const post = { conversationId, text, since, otherNoteIds, mayHaveLanded };
      const noteId = await destination.postNote(post);
      await memory.commitNote(claim, note, noteId);
      return noteId;
    } catch (error) {
      if (error instanceof ConversationGoneError) {
        await memory.endLink(claim);
        throw error;
      }
      if (error instanceof LeaseLostError) throw error;
      const unknown = error instanceof OutcomeUnknownError;
      mayHaveLanded ||= unknown;
      if (unknown && attempts < MAX_ATTEMPTS) {
        await wait(clock, backoff(attempts, random));
        await memory.extend(claim, LEASE_MS);
        continue;
      }
      await memory.releaseNote(claim, note, mayHaveLanded, pauseAfter(claim.failures));
      throw error;
    }
  }
}

/** How long work rests after so many failures in a row before it: 2 s doubling to 5 min. */
export function pauseAfter(failures: number): number {
  return Math.min(2_000 * 2 ** failures, 300_000);
}
