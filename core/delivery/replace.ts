import { pauseAfter } from '../backoff';
import { timeUntil } from '../clock';
import { ServiceError } from '../http/errors';
import { TooBusyError } from '../http/pace';
import { LeaseLostError, type Claim, type RedactableNote, type SessionRef } from '../memory/types';
import { halfAfter, MAX_NOTE_CHARS } from './claim';
import { ConversationGoneError } from './destination';
import { LEASE_MS, whileRenewing } from './lease';
import { postClaimed, sessionKey, type DeliveryParts } from './post';
import { asError } from '../values';

/**
 * A note that a summary has made superfluous does no harm for a while; what visitors do is wanted
 * now. The summary, and all redactions of a session together, wait no longer than this for their turns:
 * while they do, their execution takes up room.
 */
const YIELD_MS = 1_000;

interface PostedSummary {
  note_id: string | null;
}

type ReplacementOutcome =
  | { status: 'not_linked' }
  | {
      status: 'replaced';
      conversationId: string;
      /** The summary note that was posted, if one was; the last of several. */
      summaryNote: PostedSummary | null;
      redacted: number;
      /** The summary or notes are left that others' calls were more urgent than. */
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
  const outcome = { summaryNote: null as PostedSummary | null, redacted: 0, leftForLater: false };
  let conversationId: string | undefined;
  for (;;) {
    // What comes about meanwhile, a newer summary or notes that it covers, is picked up by the next
    // turn: whoever found the session busy has left it to us.
    const left = await memory.replacementLeft(session, destination.chat);
    if (left.status === 'linked') ({ conversationId } = left);
    // Forgotten after a note was posted: that stands, and somebody should know.
    if (conversationId === undefined) return { status: 'not_linked' };
    let progress = false;
    let busy = false;
    if (left.status === 'linked' && left.summary) {
      const posted = await postSummary(parts, session);
      outcome.summaryNote = posted.note ?? outcome.summaryNote;
      outcome.leftForLater ||= posted.status === 'left for later';
      progress ||= posted.status === 'posted';
      busy ||= posted.status === 'busy';
    }
    if (left.status === 'linked' && (left.redactions || progress) && !outcome.leftForLater) {
      const found = await memory.claimRedactions(session, destination.chat, {
        leaseMs: LEASE_MS,
        // What made redactions fail a moment ago did not keep the summary from being posted.
        evenBackingOff: evenBackingOff || outcome.summaryNote !== null,
      });
      busy ||= found.status === 'busy';
      if (found.status === 'claimed') {
        const { redacted, leftForLater } = await redact(parts, found.claim, found.notes);
        outcome.redacted += redacted;
        outcome.leftForLater = leftForLater;
        progress = true;
      }
    }
    if (!progress || outcome.leftForLater) {
      return { status: 'replaced', conversationId, ...outcome, busy };
    }
  }
}

interface Posting {
  status: 'posted' | 'busy' | 'nothing' | 'left for later';
  note?: PostedSummary;
}

/**
 * Posts the latest summary, once no delivery of new activity waits for the chat product.
 * @param maxChars more of it is cut off
 */
async function postSummary(
  parts: DeliveryParts,
  session: SessionRef,
  maxChars = MAX_NOTE_CHARS,
): Promise<Posting> {
  const { memory, destination } = parts;
  const turn = { session: sessionKey(session), kind: 'summary' as const, patienceMs: YIELD_MS };
  let half: number | undefined;
  try {
    const posting = await parts.gate.run(turn, async (stepAside): Promise<Posting> => {
      const claimed = await memory.claimSummaryNote(session, destination.chat, LEASE_MS, maxChars);
      if (claimed.status !== 'claimed') {
        return { status: claimed.status === 'busy' ? 'busy' : 'nothing' };
      }
      const posting = postClaimed(parts, claimed.claim, claimed.note, stepAside);
      const noteId = await posting.catch((error: unknown) => {
        half = halfAfter(error, claimed.note);
        throw error;
      });
      return { status: 'posted', note: { note_id: noteId } };
    });
    return posting ?? { status: 'busy' };
  } catch (error) {
    if (error instanceof TooBusyError) return { status: 'left for later' };
    if (half === undefined) throw error;
    return await postSummary(parts, session, half);
  }
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
  const { memory, destination, gate, clock } = parts;
  const session = sessionKey(claim.session);
  const done = { ...NOTHING_DONE };
  const deadline = clock.now() + YIELD_MS;
  let failure: Error | undefined;
  for (const note of notes) {
    try {
      await memory.extend(claim, LEASE_MS);
      const yieldFor = () => timeUntil(clock, deadline, YIELD_MS);
      const wasThere = await whileRenewing(parts, claim, () =>
        gate.run({ session, kind: 'redaction', patienceMs: yieldFor() }, () =>
          destination.redact(claim.conversationId, note.noteId, yieldFor()),
        ),
      );
      await memory.markRedacted(note);
      if (wasThere) done.redacted += 1;
    } catch (error) {
      if (error instanceof ConversationGoneError) {
        await memory.endLink(claim);
        throw error;
      }
      // The link was ended by who posts to it, or the claim taken over: theirs to go on with.
      if (error instanceof LeaseLostError) break;
      if (error instanceof TooBusyError) {
        done.leftForLater = true;
        break;
      }
      failure ??= asError(error);
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
