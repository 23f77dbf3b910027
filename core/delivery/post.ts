import { wait, type Clock } from '../clock';
import { ServiceError } from '../http/errors';
import { backoff } from '../http/service';
import {
  LeaseLostError,
  type Claim,
  type PendingNote,
  type SessionMemory,
  type SessionRef,
} from '../memory/types';
import { ConversationGoneError, type Destination } from './destination';
import type { Gate } from './gate';

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

/** How long a claim outlives its holder; one who is alive renews it long before. */
export const LEASE_MS = 45_000;
const RENEW_EVERY_MS = LEASE_MS / 3;
const MAX_ATTEMPTS = 3;

/**
 * Posts a claimed note until its outcome is known, and books it.
 * On failure the claim is given back so that the next activity, or a later look, tries again.
 *
 * @returns the note's id; null when the chat product did not tell it
 * @throws ConversationGoneError after ending the link; whatever the destination throws; LeaseLostError
 */
export async function postClaimed(
  parts: DeliveryParts,
  claim: Claim,
  note: PendingNote,
): Promise<string | null> {
  const { memory, destination, clock, random } = parts;
  const { conversationId } = claim;
  let { mayHaveLanded } = note;
  for (let attempts = 1; ; attempts++) {
    try {
      const { text, since, otherNoteIds } = note;
      const post = { conversationId, text, since, otherNoteIds, mayHaveLanded };
      const noteId = await whileRenewing(parts, claim, () => destination.postNote(post));
      // From here on it stands, whatever becomes of our own books.
      mayHaveLanded = true;
      await memory.commitNote(claim, note, noteId);
      return noteId;
    } catch (error) {
      if (error instanceof ConversationGoneError) {
        await memory.endLink(claim);
        throw error;
      }
      if (error instanceof LeaseLostError) throw error;
      // Only a refusal is certain not to have posted anything.
      const refused = error instanceof ServiceError;
      mayHaveLanded ||= !refused;
      if (!refused && attempts < MAX_ATTEMPTS) {
        await wait(clock, backoff(attempts, random));
        await memory.extend(claim, LEASE_MS);
        continue;
      }
      await memory.releaseNote(claim, note, mayHaveLanded, pauseAfter(claim.failures));
      throw error;
    }
  }
}

/**
 * Keeps the claim while `work` goes on, which may wait long for its turn or as the chat product
 * demands: whoever took the claim over meanwhile would look for a note that is still on its way.
 */
export async function whileRenewing<T>(
  { memory, clock }: Pick<DeliveryParts, 'memory' | 'clock'>,
  claim: Claim,
  work: () => Promise<T>,
): Promise<T> {
  let ended = false;
  let cancel = () => {};
  const renewLater = () => {
    if (ended) return;
    cancel = clock.after(RENEW_EVERY_MS, () => {
      // Lost, or the storage fails: what comes of it shows when the outcome is booked.
      memory.extend(claim, LEASE_MS).then(renewLater, () => undefined);
    });
  };
  renewLater();
  try {
    return await work();
  } finally {
    ended = true;
    cancel();
  }
}

/** How long work rests after so many failures in a row before it: 2 s doubling to 5 min. */
export function pauseAfter(failures: number): number {
  return Math.min(2_000 * 2 ** failures, 300_000);
}
