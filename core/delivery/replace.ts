import { ServiceError } from '../http/errors';
import { TooBusyError } from '../http/pace';
import type { Claim, RedactableNote, SessionRef } from '../memory/types';
import { summaryNoteText } from '../text/note';
import { ConversationGoneError } from './destination';
import { LEASE_MS, pauseAfter, postClaimed, whileRenewing, type DeliveryParts } from './post';

/**
 * A note that a summary has made superfluous does no harm for a while; what visitors do is wanted
 * now. All redactions of a session together wait no longer than this for their turns: while they do,
 * their execution takes up room.
 */
const YIELD_MS = 1_000;

export type ReplacementOutcome =
  | { status: 'not_linked' }
  | {
      status: 'replaced';
      conversationId: string;
      /** The summary note that was posted, if one was. */
      summaryNote: { note_id: string | null } | null;
      redacted: number;
      /** Notes are left that others' calls were more urgent than. */
      leftForLater: boolean;
      busy: boolean;
    };

/**
 * Posts the session's latest summary and, only when that is confirmed, redacts the notes it covers.
 * A redaction that failed earlier is tried again. New activity may be delivered beside the redactions.
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
  const posted = await memory.claimSummaryNote(
    session,
    destination.chat,
    ({ session_id }, summary, now) => summaryNoteText(session_id, summary, now),
    LEASE_MS,
  );
  if (posted.status === 'not_linked') return posted;
  const summaryNote =
    posted.status === 'claimed'
      ? { note_id: await postClaimed(parts, posted.claim, posted.note) }
      : null;
  // What made redactions fail a moment ago did not keep the summary from being posted.
  const condition = { leaseMs: LEASE_MS, evenBackingOff: evenBackingOff || summaryNote !== null };
  const found = await memory.claimRedactions(session, destination.chat, condition);
  if (found.status === 'not_linked') return found;
  const isClaimed = found.status === 'claimed';
  const done = isClaimed ? await redact(parts, found.claim, found.notes) : NOTHING_DONE;
  return {
    status: 'replaced',
    conversationId: isClaimed ? found.claim.conversationId : found.conversationId,
    summaryNote,
    ...done,
    busy: posted.status === 'busy' || found.status === 'busy',
  };
}

interface Redactions {
  redacted: number;
  leftForLater: boolean;
}

const NOTHING_DONE: Redactions = { redacted: 0, leftForLater: false };

/** Redacts notes one after the other; gives the claim back at the end, and before it throws. */
async function redact(
  parts: DeliveryParts,
  claim: Claim,
  notes: readonly RedactableNote[],
): Promise<Redactions> {
  const { memory, destination, clock } = parts;
  const done = { ...NOTHING_DONE };
  const deadline = clock.now() + YIELD_MS;
  let failure: Error | undefined;
  for (const note of notes) {
    await memory.extend(claim, LEASE_MS);
    try {
      await whileRenewing(parts, claim, () =>
        destination.redactNote(
          claim.conversationId,
          note.noteId,
          Math.max(0, deadline - clock.now()),
        ),
      );
      await memory.markRedacted(note);
      done.redacted += 1;
    } catch (error) {
      if (error instanceof ConversationGoneError) {
        await memory.endLink(claim);
        throw error;
      }
      if (error instanceof TooBusyError) {
        done.leftForLater = true;
        break;
      }
      failure ??= error as Error;
      // Who may not redact one note may not redact the others.
      if (error instanceof ServiceError && [401, 403].includes(error.status)) break;
    }
  }
  if (failure === undefined) {
    await memory.release(claim);
    return done;
  }
  await memory.release(claim, pauseAfter(claim.failures));
  throw failure;
}
