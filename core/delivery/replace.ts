import type { Claim, SessionRef } from '../memory/types';
import { summaryNoteText } from '../text/note';
import { ConversationGoneError } from './destination';
import { LEASE_MS, pauseAfter, postClaimed, type DeliveryParts } from './post';

export type ReplacementOutcome =
  | { status: 'not_linked' }
  | {
      status: 'replaced';
      conversationId: string;
      /** The summary note that was posted, if one was. */
      summaryNote: { note_id: string | null } | null;
      redacted: number;
      busy: boolean;
    };

/**
 * Posts the session's latest summary and, only when that is confirmed, redacts the notes it covers.
 * A redaction that failed earlier is tried again.
 *
 * @throws as {@link deliverActivity}; also when a redaction failed (the others were still done)
 */
export async function replaceWithSummary(
  parts: DeliveryParts,
  session: SessionRef,
): Promise<ReplacementOutcome> {
  const { memory, destination } = parts;
  let summaryNote: { note_id: string | null } | null = null;
  let redacted = 0;
  for (;;) {
    const claimed = await memory.claimReplacement(
      session,
      destination.chat,
      ({ session_id }, summary, now) => summaryNoteText(session_id, summary, now),
      LEASE_MS,
    );
    if (claimed.status === 'not_linked') return claimed;
    if (claimed.status !== 'claimed') {
      const busy = claimed.status === 'busy';
      const { conversationId } = claimed;
      return { status: 'replaced', conversationId, summaryNote, redacted, busy };
    }
    const { claim, note } = claimed;
    if (note) summaryNote = { note_id: await postClaimed(parts, claim, note) };
    redacted += await redactCovered(parts, claim);
    await memory.release(claim);
  }
}

/** Redacts what the posted summary covers; gives the claim back before it throws. */
async function redactCovered(
  { memory, destination }: DeliveryParts,
  claim: Claim,
): Promise<number> {
  let redacted = 0;
  let failure: Error | undefined;
  for (const note of await memory.redactable(claim)) {
    await memory.extend(claim, LEASE_MS);
    try {
      await destination.redactNote(claim.conversationId, note.noteId);
      await memory.markRedacted(note);
      redacted += 1;
    } catch (error) {
      if (error instanceof ConversationGoneError) {
        await memory.endLink(claim);
        throw error;
      }
      failure ??= error as Error;
    }
  }
  if (failure === undefined) return redacted;
  await memory.release(claim, pauseAfter(claim.failures));
  throw failure;
}
