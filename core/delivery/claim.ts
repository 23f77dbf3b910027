import { ServiceError } from '../http/errors';
import type { Pace } from '../memory/pace';
import type { NoteFormat } from '../text/noteFormat';
import type { NoteClaim, PendingNote, SessionMemory, SessionRef } from '../memory/types';

/** How much of what happened before the link is delivered with it by default, in milliseconds. */
export const LINK_WINDOW_MS = 120_000;
/** How many of the latest actions a note lists even if a summary covers them. */
export const LATEST_ACTIONS = 5;
/** Activity with more actions or characters than this is delivered in several notes. */
export const MAX_ACTIONS_PER_NOTE = 500;
export const MAX_NOTE_CHARS = 20_000;
/** No chat product refuses a note of this length, in characters, for its size. A longer one is halved when it is refused. */
const SHORT_NOTE_CHARS = 1_000;

export interface ActivityCondition {
  format?: NoteFormat | undefined;
  /** How much of what happened before the link is delivered, in milliseconds. */
  linkWindowMs: number;
  /** How long the claim lasts, in milliseconds. */
  leaseMs: number;
  /** How long the note may be, in characters. */
  maxChars?: number;
  /** The pace at which notes follow the conversation; without it, activity is due as it happens. */
  pace?: Pace | undefined;
  /** Whether a summary may be posted before the note, which then leaves out the actions that the summary covers. */
  summaryFirst?: boolean;
  /** Whether each failure since the last note halves `maxChars`: for a caller that does not see why posting failed. */
  lessWhenItFails?: boolean;
}

/** Claims one note with all activity that was not delivered yet, or as much of it as a note may contain. */
export async function claimActivity(
  memory: Pick<SessionMemory, 'claimNote'>,
  session: SessionRef,
  chat: string,
  {
    format,
    linkWindowMs,
    leaseMs,
    maxChars = MAX_NOTE_CHARS,
    pace,
    summaryFirst = false,
    lessWhenItFails,
  }: ActivityCondition,
): Promise<NoteClaim> {
  return await memory.claimNote(session, chat, {
    format,
    windowMs: linkWindowMs,
    maxActions: MAX_ACTIONS_PER_NOTE,
    maxChars,
    ...(lessWhenItFails && { minChars: SHORT_NOTE_CHARS }),
    leaseMs,
    follow: pace && { pace, latest: LATEST_ACTIONS, summaryFirst },
  });
}

const TOO_LARGE = [400, 413, 422];

/**
 * How long the next note may be after this one failed, in characters; undefined if its length cannot be the reason.
 * Products do not document how they refuse a note that is too long, so each refusal of a long note counts.
 */
export function halfAfter(
  error: unknown,
  { text, mayHaveLanded }: PendingNote,
): number | undefined {
  const isRefused = error instanceof ServiceError && TOO_LARGE.includes(error.status);
  // A note that may be in the conversation keeps its text, by which it can be found.
  if (!isRefused || mayHaveLanded || text.length <= SHORT_NOTE_CHARS) return undefined;
  return Math.floor(text.length / 2);
}
