import type { Outcome } from './types';

/** An offer that was sent and that the visitor has not answered. Times are in milliseconds since the epoch. */
interface OpenOffer {
  sentAt: number;
  /** When the chat product reported that the visitor read it. */
  seenAt: number | null;
  /** Until when an answer is waited for; null for as long as the session lasts. */
  answerUntil: number | null;
}

/** What is known of the session in which it was made. */
interface Visit {
  /** When the visitor acted last; null if that is not known. */
  lastActionAt: number | null;
  /** Whether the session is erased, so that nothing more will be known. */
  hasEnded: boolean;
}

/**
 * What has become of an offer without an answer: `ignored` if the visitor was there, which a later action or the chat
 * product shows, and `left` if not. `open` as long as an answer is waited for.
 */
export function outcomeOf(
  { sentAt, seenAt, answerUntil }: OpenOffer,
  { lastActionAt, hasEnded }: Visit,
  now: number,
): Extract<Outcome, 'open' | 'ignored' | 'left'> {
  if (!hasEnded && (answerUntil === null || now < answerUntil)) return 'open';
  const wasThere = seenAt !== null || (lastActionAt !== null && lastActionAt > sentAt);
  return wasThere ? 'ignored' : 'left';
}
