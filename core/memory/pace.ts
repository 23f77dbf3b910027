/**
 * How activity notes follow a conversation: at once while the visitor and teammates write, calmly for a while after
 * that, and then not at all until one of them writes again. Times are in milliseconds.
 */
export interface Pace {
  /** How long after a message notes are posted at once. */
  liveMs: number;
  /** After that, the time from one note to the next. */
  calmMs: number;
  /** How long after a message the last note may be posted. */
  endMs: number;
}

/** What the pace of a conversation depends on. Times are in milliseconds since the epoch. */
export interface Conversation {
  /** When the visitor or a teammate wrote last, or the conversation was linked. */
  spokeAt: number;
  /** Since when it has been closed or snoozed. */
  closedAt: number | null;
  /** When the latest note of ours was posted. */
  notedAt: number | null;
  /** How many notes of ours it has, redacted ones included. */
  notes: number;
}

/** Why no note may be posted now. `many` and `full`: the conversation has {@link MANY_NOTES} or {@link MOST_NOTES} notes. */
export type PauseReason = 'calm' | 'many' | 'quiet' | 'closed' | 'full';

export interface Pause {
  reason: PauseReason;
  /** When a note may be posted; null until the visitor or a teammate writes. */
  until: number | null;
}

/** From so many notes on, a conversation gets fewer. Intercom shows the latest 500 parts of a conversation. */
export const MANY_NOTES = 300;
/** A conversation never gets more notes than this; the rest of what it can hold is for people. */
export const MOST_NOTES = 400;
/** How many times as long the pauses are from {@link MANY_NOTES} notes on. */
const SLOWER = 10;

/**
 * The pause that a conversation's next note has to wait for; undefined when it may be posted at once. Goes by time and
 * the notes alone where the webhook does not report closed conversations and teammates' messages.
 */
export function pauseOf(
  { spokeAt, closedAt, notedAt, notes }: Conversation,
  { liveMs, calmMs, endMs }: Pace,
  now: number,
): Pause | undefined {
  if (notes >= MOST_NOTES) return { reason: 'full', until: null };
  if (closedAt !== null) return { reason: 'closed', until: null };
  // A clock that was set back must not lengthen a pause.
  const spoke = Math.min(spokeAt, now);
  const isMany = notes >= MANY_NOTES;
  const isLive = now - spoke <= liveMs;
  if (!isLive && now - spoke > endMs) return { reason: 'quiet', until: null };
  const live = isMany ? calmMs : 0;
  const gap = isLive ? live : calmMs * (isMany ? SLOWER : 1);
  const next = notedAt === null ? now : Math.min(notedAt, now) + gap;
  if (next <= now) return undefined;
  // The note would come after the end, so no wake-up is needed for it.
  if (next > spoke + Math.max(liveMs, endMs)) return { reason: 'quiet', until: null };
  return { reason: isMany ? 'many' : 'calm', until: next };
}
