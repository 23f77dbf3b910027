import { pauseAfter } from '../backoff';
import { wait, type Clock } from '../clock';
import { neverLeft } from '../http/errors';
import { LeaseLostError } from '../memory/errors';
import type { Pause } from '../memory/pace';
import type { SessionInfo, SessionMemory, SessionRef } from '../memory/types';
import { fields, text } from '../values';
import { claimActivity, type ActivityCondition } from './claim';
import type { PostedNote } from './deliver';
import { MAX_WAITS, WAIT_MS } from './lease';
import { SETTLE_MS } from './post';

// Delivery for a chat product that is no destination: other nodes of the workflow post the note and report its outcome.

interface HandOutParts {
  memory: SessionMemory;
  clock: Clock;
}

export type HandedOut =
  | { status: 'not_linked' }
  /**
   * `nothing`: all activity has been delivered. `busy`: another execution is posting a note of this session and did
   * not finish in time; what happened after that note is left.
   */
  | { status: 'nothing' | 'busy'; conversationId: string }
  /** The pace of the conversation holds the note back. */
  | { status: 'paused'; conversationId: string; pause: Pause }
  | {
      status: 'claimed';
      conversationId: string;
      /** Names the claim in the report of the note's outcome. */
      claim: string;
      /** Plain text, the same each time the note is handed out before its outcome is known. */
      text: string;
      actions: number;
      /** The note was handed out before and may be in the conversation. */
      triedBefore: boolean;
    };

/**
 * Hands out the activity of a session that was not delivered yet, as the text of one note. No other execution gets it
 * until the claim lapses or its outcome is reported, by {@link markDelivered} or {@link markNotDelivered}.
 */
export async function handOutActivity(
  { memory, clock }: HandOutParts,
  session: SessionRef,
  chat: string,
  condition: ActivityCondition,
): Promise<HandedOut> {
  for (let waits = 0; ; waits++) {
    const claimed = await claimActivity(memory, session, chat, {
      ...condition,
      lessWhenItFails: true,
    });
    if (claimed.status === 'claimed') {
      const { rowId, text, actions, mayHaveLanded } = claimed.note;
      const { conversationId, lease } = claimed.claim;
      const claim = nameOf({ rowId, lease, triedBefore: mayHaveLanded });
      const handedOut = { conversationId, claim, text, actions, triedBefore: mayHaveLanded };
      return { status: 'claimed', ...handedOut };
    }
    // Asked for without `summaryFirst`, a claim does not wait for a summary.
    if (claimed.status === 'summary_first') continue;
    if (claimed.status !== 'busy' || waits >= MAX_WAITS[claimed.by]) return claimed;
    await wait(clock, WAIT_MS);
  }
}

/**
 * Notes that one execution posts, one after the other. All their claims last until the last note can be posted: with a
 * limit of 30 calls a minute, that is {@link PER_NOTE_MS} for each.
 */
export interface Portion {
  /** As {@link handOutActivity}; `busy` also means a session that is left to a later portion. */
  handOut(session: SessionRef): Promise<HandedOut>;
  /**
   * Extends a claim. To be called for each one right before the notes leave, since handing out all sessions may have
   * taken long. False for a claim that another execution holds by now: its note must not be posted.
   */
  confirm(memory: string, claim: string): Promise<boolean>;
}

/** The maximum number of notes in a portion: the more, the longer a crash keeps them from being handed out again. */
export const PORTION = 100;
const PER_NOTE_MS = 2_000;

export function createPortion(
  parts: HandOutParts,
  chat: string,
  condition: ActivityCondition,
): Portion {
  const { memory } = parts;
  let notes = 0;

  async function leave(session: SessionRef): Promise<HandedOut> {
    const conversationId = await memory.conversationOf(session, chat);
    return conversationId === null ? { status: 'not_linked' } : { status: 'busy', conversationId };
  }

  return {
    async handOut(session) {
      if (notes >= PORTION) return await leave(session);
      // Counted before it is known whether there is a note, because other sessions are handed out at the same time.
      notes += 1;
      let isNote = false;
      try {
        const handedOut = await handOutActivity(parts, session, chat, condition);
        isNote = handedOut.status === 'claimed';
        return handedOut;
      } finally {
        if (!isNote) notes -= 1;
      }
    },
    async confirm(name, claim) {
      const held = await heldBy(memory, name, claim);
      if (!held) return false;
      const extended = memory.extend(held.claim, condition.leaseMs + notes * PER_NOTE_MS);
      return await extended.then(() => true, lost);
    },
  };
}

interface Marked {
  session: SessionInfo;
  conversationId: string;
  note: PostedNote;
  /** Whether all activity is delivered now. */
  isAll: boolean;
}

/**
 * Records that the note is in its conversation.
 *
 * @param claim as {@link handOutActivity} named it; it may have lapsed
 * @param noteId the chat product's id of the note; null if it is not known
 * @returns null for an unknown claim: its outcome was reported before, or its session was forgotten
 */
export async function markDelivered(
  memory: SessionMemory,
  name: string,
  claim: string,
  noteId: string | null,
): Promise<Marked | null> {
  const held = await heldBy(memory, name, claim);
  if (!held) return null;
  await memory.commitNote(held.claim, held.note, noteId);
  const { session, conversationId } = held.claim;
  const note = { note_id: noteId, actions: held.note.actions };
  return { session, conversationId, note, isAll: held.isAll };
}

/**
 * The outcome of a note that was not posted, as far as is known:
 * - `refused`: it was certainly not posted. It is composed anew next time, with what has happened until then.
 * - `unknown`: it may be in the conversation. The same note is handed out again, as one that was tried before, when the
 *   chat product has had its time.
 * - `gone`: the conversation does not exist any more. The session may be linked anew.
 */
export type NotDelivered = 'refused' | 'unknown' | 'gone';

/** Records that the note was not posted, as far as is known. Parameters and result as {@link markDelivered}. */
export async function markNotDelivered(
  memory: SessionMemory,
  name: string,
  claim: string,
  outcome: NotDelivered,
): Promise<Omit<Marked, 'note' | 'isAll'> | null> {
  const held = await heldBy(memory, name, claim);
  if (!held) return null;
  const { session, conversationId, failures } = held.claim;
  if (outcome === 'gone') {
    await memory.endLink(held.claim);
  } else if (outcome === 'refused') {
    // This refusal says nothing about an earlier attempt, whose note may be in the conversation.
    await memory.releaseNote(held.claim, held.note, {
      mayHaveLanded: held.triedBefore,
      retryAfterMs: pauseAfter(failures),
    });
  } else {
    await memory.extend(held.claim, SETTLE_MS).catch(lost);
  }
  return { session, conversationId };
}

/** Ignores a lost claim: its next holder goes on with it. */
function lost(error: unknown): false {
  if (!(error instanceof LeaseLostError)) throw error;
  return false;
}

interface ClaimName {
  /** The note's row in the memory. */
  rowId: number;
  triedBefore: boolean;
  lease: string;
}

const FIRST = 'first';
const AGAIN = 'again';
const NAME = new RegExp(`^(\\d{1,15}) (${FIRST}|${AGAIN}) (.+)$`);

function nameOf({ rowId, triedBefore, lease }: ClaimName): string {
  return [rowId, triedBefore ? AGAIN : FIRST, lease].join(' ');
}

/** Whether a text has the form of a claim's name, as {@link handOutActivity} gives it. */
export function isClaim(text: string): boolean {
  return NAME.test(text);
}

async function heldBy(memory: SessionMemory, name: string, claim: string) {
  const [, rowId, tries, lease] = NAME.exec(claim) ?? [];
  if (rowId === undefined || lease === undefined) return null;
  const held = await memory.heldNote(name, Number(rowId), lease);
  return held && { ...held, triedBefore: tries === AGAIN };
}

/**
 * The outcome of a note, by the error with which its HTTP request ended, in whatever shape that arrives. An answer that
 * refuses, and a connection that was never made, prove that nothing was posted. After any other error, such as a missing
 * answer or a failure within the service, the note may have been posted.
 *
 * @param error with a status and a system's code, as n8n's HTTP Request puts it into an item, or its parts
 */
export function outcomeByError(error: unknown): Exclude<NotDelivered, 'gone'> {
  const { statusCode, status, httpCode, response, code, message, cause } = fields(error);
  const answered = [statusCode, status, httpCode, fields(response).status].map(Number);
  if (answered.some(refuses)) return 'refused';
  const causes = [{ code, message }, fields(cause)];
  return causes.some((one) => neverLeft(text(one.code), text(one.message))) ? 'refused' : 'unknown';
}

/** With 408, the service has waited in vain for the rest of the request, or a proxy has waited for the service. */
function refuses(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408;
}
