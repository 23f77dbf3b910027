import { pauseAfter } from '../backoff';
import { timeUntil } from '../clock';
import { ServiceError } from '../http/errors';
import { TooBusyError } from '../http/pace';
import { LeaseLostError } from '../memory/errors';
import type { NoteFormat } from '../text/noteFormat';
import type { Claim, RedactableNote, SessionRef } from '../memory/types';
import { asError } from '../values';
import { halfAfter, MAX_NOTE_CHARS } from './claim';
import { ConversationGoneError, OtherWorkspaceError } from './destination';
import { LEASE_MS, whileRenewing } from './lease';
import { postClaimed, sessionKey, type DeliveryParts } from './post';

/**
 * How long a summary note, and all redactions of a session together, wait for their turns, in milliseconds. A note that
 * a summary covers does no harm for a while, activity is urgent, and an execution that waits takes a place from others.
 */
const YIELD_MS = 1_000;

export interface PostedSummary {
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
      /** Other calls were more urgent, so a later execution has to do the rest. */
      leftForLater: boolean;
      busy: boolean;
    };

interface ReplacementOptions {
  includePaused: boolean;
  keepLatest?: number;
  format?: NoteFormat | undefined;
}

/**
 * Posts the session's latest summary and, once it is posted for certain, redacts the notes that it covers. Redactions
 * that failed earlier are tried again. New activity may be delivered during the redactions.
 *
 * @param options.format of the summary note
 * @param options.includePaused includes redactions that still pause after a failure
 * @param options.keepLatest a note with any of this many of the latest actions stays until newer notes tell as many;
 *   none without it
 * @throws as {@link deliverActivity}; also if a redaction failed (the others were still carried out)
 */
export async function replaceWithSummary(
  parts: DeliveryParts,
  session: SessionRef,
  options: ReplacementOptions,
): Promise<ReplacementOutcome> {
  const { chat } = parts.destination;
  try {
    return await replaceLinked(parts, session, options);
  } catch (error) {
    // The link is another workspace's. The token's own became known only now, and may have a link, too.
    if (!(error instanceof OtherWorkspaceError)) throw error;
    if (parts.destination.chat === chat) return { status: 'not_linked' };
    return await replaceWithSummary(parts, session, options);
  }
}

async function replaceLinked(
  parts: DeliveryParts,
  session: SessionRef,
  { includePaused, keepLatest, format }: ReplacementOptions,
): Promise<ReplacementOutcome> {
  const { memory, destination } = parts;
  const outcome = { summaryNote: null as PostedSummary | null, redacted: 0, leftForLater: false };
  let conversationId: string | undefined;
  for (;;) {
    // Another execution that found the session busy has left its work to this one: a newer summary, or notes that it
    // covers. The next round of this loop does it.
    const left = await memory.replacementLeft(session, destination.chat, keepLatest);
    if (left.status === 'linked') ({ conversationId } = left);
    // Forgotten after a note was posted: the note is in the conversation and has to be reported.
    if (conversationId === undefined) return { status: 'not_linked' };
    let progress = false;
    let busy = false;
    if (left.status === 'linked' && left.summary) {
      const posted = await postSummary(parts, session, format);
      outcome.summaryNote = posted.note ?? outcome.summaryNote;
      outcome.leftForLater ||= posted.status === 'left_for_later';
      progress ||= posted.status === 'posted';
      busy ||= posted.status === 'busy';
    }
    if (left.status === 'linked' && (left.redactions || progress) && !outcome.leftForLater) {
      const found = await memory.claimRedactions(session, destination.chat, {
        leaseMs: LEASE_MS,
        // The summary could be posted, so what made redactions fail a moment ago may be over.
        includePaused: includePaused || outcome.summaryNote !== null,
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
  status: 'posted' | 'busy' | 'nothing' | 'left_for_later';
  note?: PostedSummary;
}

/**
 * Posts the latest summary when no delivery of activity waits for the chat product.
 * @param maxChars what is longer is cut off
 */
export async function postSummary(
  parts: DeliveryParts,
  session: SessionRef,
  format: NoteFormat | undefined,
  maxChars = MAX_NOTE_CHARS,
): Promise<Posting> {
  const { memory, destination } = parts;
  const turn = { session: sessionKey(session), kind: 'summary' as const, giveUpAfterMs: YIELD_MS };
  let half: number | undefined;
  try {
    const posting = await parts.gate.run(turn, async (stepAside): Promise<Posting> => {
      const claimed = await memory.claimSummaryNote(session, destination.chat, {
        leaseMs: LEASE_MS,
        maxChars,
        format,
      });
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
    if (error instanceof TooBusyError) return { status: 'left_for_later' };
    if (half === undefined) throw error;
    return await postSummary(parts, session, format, half);
  }
}

interface Redactions {
  redacted: number;
  leftForLater: boolean;
}

const NOTHING_DONE: Redactions = { redacted: 0, leftForLater: false };

/** Redacts notes one after the other. Releases the claim at the end, and before it throws. */
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
        gate.run({ session, kind: 'redaction', giveUpAfterMs: yieldFor() }, () =>
          destination.redact(claim.conversationId, note.noteId, {
            yieldFor: yieldFor(),
            chat: claim.chat,
          }),
        ),
      );
      await memory.markRedacted(note);
      if (wasThere) done.redacted += 1;
    } catch (error) {
      if (error instanceof ConversationGoneError) {
        await memory.endLink(claim);
        throw error;
      }
      // A poster has ended the link, or another execution holds the claim now and goes on with it.
      if (error instanceof LeaseLostError) break;
      if (error instanceof TooBusyError) {
        done.leftForLater = true;
        break;
      }
      failure ??= asError(error);
      // A token that may not redact one note may not redact the others.
      if (error instanceof OtherWorkspaceError) break;
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
