import { wait, type Clock } from '../clock';
import { pauseAfter } from '../backoff';
import {
  LeaseLostError,
  type SessionInfo,
  type SessionMemory,
  type SessionRef,
} from '../memory/types';
import { claimActivity, MAX_WAITS, WAIT_MS, type ActivityCondition } from './claim';
import type { PostedNote } from './deliver';
import { SETTLE_MS } from './post';

// Delivery for a chat product that is no destination: somebody else posts the note, and says what became of it.

interface HandOutParts {
  memory: SessionMemory;
  clock: Clock;
}

export type HandedOut =
  | { status: 'not_linked' }
  /**
   * `nothing`: the conversation has been told everything. `busy`: somebody else is posting a note of this
   * session, and was waited for in vain; what came after that note is left.
   */
  | { status: 'nothing' | 'busy'; conversationId: string }
  | {
      status: 'claimed';
      conversationId: string;
      /** Names the claim to whoever says what became of the note. */
      claim: string;
      /** Plain text, the same each time the note is handed out until its outcome is known. */
      text: string;
      actions: number;
      /** It was handed out before, and may stand in the conversation. */
      triedBefore: boolean;
    };

/**
 * Hands out what a session's conversation has not been told yet, as the text of one note. It is nobody else's
 * until the claim lapses or its outcome is told, by {@link markDelivered} or {@link markNotDelivered}.
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
      const { text, actions, mayHaveLanded, id } = claimed.note;
      const { conversationId, lease } = claimed.claim;
      const claim = nameOf({ noteId: id, lease, triedBefore: mayHaveLanded });
      const handedOut = { conversationId, claim, text, actions, triedBefore: mayHaveLanded };
      return { status: 'claimed', ...handedOut };
    }
    if (claimed.status !== 'busy' || waits >= MAX_WAITS[claimed.by]) return claimed;
    await wait(clock, WAIT_MS);
  }
}

/**
 * Notes that one execution posts, one after the other. All their claims last until the last of them may be posted:
 * with those of a fast product that is seconds, with 30 a minute it is {@link PER_NOTE_MS} for each.
 */
export interface Portion {
  /** As {@link handOutActivity}; `busy` as well for a session that is left to a later portion. */
  handOut(session: SessionRef): Promise<HandedOut>;
  /**
   * To be called for each claim after all sessions were handed out, which may have taken long, right before the notes
   * leave. False for one that is not ours any more: its note must not be posted.
   */
  confirm(memory: string, claim: string): Promise<boolean>;
}

/** Notes in a portion: the more there are, the longer a crash keeps them from being handed out again. */
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
      // Counted before it is known whether there is a note: others are handed out at the same time.
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
  /** Whether the conversation knows everything now. */
  isAll: boolean;
}

/**
 * The note stands in its conversation.
 *
 * @param claim as {@link handOutActivity} named it, also one that has lapsed
 * @param noteId the chat product's id of the note, null where it is not known
 * @returns null for a claim that is not known (any more): its outcome was told before, or its session forgotten
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
 * What became of a note that was not posted:
 * - `refused`: it certainly was not. It is composed anew next time, with what has happened until then.
 * - `unknown`: it may stand all the same. The same note is handed out again, as one that was tried before, once
 *   the chat product has had its time.
 * - `gone`: the conversation does not exist any more. The session may be linked anew.
 */
export type NotDelivered = 'refused' | 'unknown' | 'gone';

/** The note was not posted, as far as is known. Parameters and result as {@link markDelivered}. */
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
    // That it is refused now says nothing of an earlier attempt.
    await memory.releaseNote(held.claim, held.note, held.triedBefore, pauseAfter(failures));
  } else {
    await memory.extend(held.claim, SETTLE_MS).catch(lost);
  }
  return { session, conversationId };
}

/** Whoever has taken the claim over goes on with it. */
function lost(error: unknown): false {
  if (!(error instanceof LeaseLostError)) throw error;
  return false;
}

interface ClaimName {
  noteId: number;
  triedBefore: boolean;
  lease: string;
}

const FIRST = 'first';
const AGAIN = 'again';
const NAME = new RegExp(`^(\\d{1,15}) (${FIRST}|${AGAIN}) (.+)$`);

function nameOf({ noteId, triedBefore, lease }: ClaimName): string {
  return [noteId, triedBefore ? AGAIN : FIRST, lease].join(' ');
}

/** Whether a text has the form of what {@link handOutActivity} names a claim. */
export function isClaim(text: string): boolean {
  return NAME.test(text);
}

async function heldBy(memory: SessionMemory, name: string, claim: string) {
  const [, id, tries, lease] = NAME.exec(claim) ?? [];
  if (id === undefined || lease === undefined) return null;
  const held = await memory.heldNote(name, Number(id), lease);
  return held && { ...held, triedBefore: tries === AGAIN };
}
