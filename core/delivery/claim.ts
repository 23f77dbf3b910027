import { ServiceError } from '../http/errors';
import type { NoteClaim, PendingNote, SessionMemory, SessionRef } from '../memory/types';
import { LEASE_MS } from './lease';

/** How much of what happened before the link goes out with it, in milliseconds. */
export const LINK_WINDOW_MS = 120_000;
/** A note with more actions, or more characters, is cut into several. */
export const MAX_ACTIONS_PER_NOTE = 500;
export const MAX_NOTE_CHARS = 20_000;
/** A note that is refused is made half as long as often as it is longer than this: no chat product refuses shorter ones for their size. */
const SHORT_NOTE_CHARS = 1_000;

/** How long to wait before looking again whether somebody else, as in another process, has posted their note. */
export const WAIT_MS = 200;
/**
 * How often to look at most, by what the other is doing. A delivery that takes longer than this looks again
 * itself for what came meanwhile (see SLOW_MS in `deliver.ts`), so nothing is lost by leaving: a slow conversation
 * must not hold up everybody's executions. A replacement does not look for activity, so it is waited for as long
 * as its claim can last.
 */
export const MAX_WAITS = { delivery: 15, replacement: (LEASE_MS + 15_000) / WAIT_MS };

export interface ActivityCondition {
  /** What happened before the link and is still told, in milliseconds. */
  linkWindowMs: number;
  /** How long the claim lasts, in milliseconds. */
  leaseMs: number;
  /** How long the note may be, in characters. */
  maxChars?: number;
  /** Whether each failure since the last note halves that: for posting of which nothing else is known. */
  lessWhenItFails?: boolean;
}

/** Claims one note with everything its conversation has not been told, or as much as a note may hold. */
export async function claimActivity(
  memory: Pick<SessionMemory, 'claimNote'>,
  session: SessionRef,
  chat: string,
  { linkWindowMs, leaseMs, maxChars = MAX_NOTE_CHARS, lessWhenItFails }: ActivityCondition,
): Promise<NoteClaim> {
  return await memory.claimNote(session, chat, {
    windowMs: linkWindowMs,
    maxActions: MAX_ACTIONS_PER_NOTE,
    maxChars,
    ...(lessWhenItFails && { minChars: SHORT_NOTE_CHARS }),
    leaseMs,
  });
}

const TOO_LARGE = [400, 413, 422];

/**
 * How long the next note may be after one was refused; undefined where its length cannot be the reason. What products say of a note
 * that is too long is not documented, so each refusal of a long one counts.
 */
export function halfAfter(
  error: unknown,
  { text, mayHaveLanded }: PendingNote,
): number | undefined {
  const isRefused = error instanceof ServiceError && TOO_LARGE.includes(error.status);
  // One that may stand has to stay as it is, or it could not be found again.
  if (!isRefused || mayHaveLanded || text.length <= SHORT_NOTE_CHARS) return undefined;
  return Math.floor(text.length / 2);
}
