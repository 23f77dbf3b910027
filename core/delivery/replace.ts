import { ServiceError } from '../http/errors';
import type { Claim, SessionRef } from '../memory/types';
import { summaryNoteText } from '../text/note';
import { ConversationGoneError } from './destination';
import { LEASE_MS, pauseAfter, postClaimed, whileRenewing, type DeliveryParts } from './post';

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
 * @param options.evenBackingOff also redactions that failed a moment ago
 * @throws as {@link deliverActivity}; also when a redaction failed (the others were still done)
 */
export async function replaceWithSummary(
  parts: DeliveryParts,
  session: SessionRef,
  { evenBackingOff }: { evenBackingOff: boolean },
): Promise<ReplacementOutcome> {
  const { memory, destination } = parts;
  let summaryNote: { note_id: string | null } | null = null;
  let redacted = 0;
  for (;;) {
    const claimed = await memory.claimReplacement(
      session,
      destination.chat,
      ({ session_id }, summary, now) => summaryNoteText(session_id, summary, now),
      { leaseMs: LEASE_MS, evenBackingOff },
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
async function redactCovered(parts: DeliveryParts, claim: Claim): Promise<number> {
  const { memory, destination } = parts;
  let redacted = 0;
  let failure: Error | undefined;
  for (const note of await memory.redactable(claim)) {
    await memory.extend(claim, LEASE_MS);
    try {
      await whileRenewing(parts, claim, () =>
        destination.redactNote(claim.conversationId, note.noteId),
      );
      await memory.markRedacted(note);
      redacted += 1;
    } catch (error) {
      if (error instanceof ConversationGoneError) {
        await memory.endLink(claim);
        throw error;
      }
      failure ??= error as Error;
      // Who may not redact one note may not redact the others.
      if (error instanceof ServiceError && [401, 403].includes(error.status)) break;
    }
  }
  if (failure === undefined) return redacted;
  await memory.release(claim, pauseAfter(claim.failures));
  throw failure;
}
