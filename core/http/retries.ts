import { backoff } from '../backoff';

/** How long one call waits between its attempts: 300 ms doubling, varied by up to a half. */
export const retryPause = backoff({ first: 300, jitter: [0.5, 1.5] });

/**
 * Reads a `Retry-After` header, which holds seconds or an HTTP date. Returns milliseconds from `now`
 * (epoch milliseconds), or undefined if the header is missing, unreadable or in the past.
 */
export function readRetryAfter(value: string | null | undefined, now: number): number | undefined {
  if (!value?.trim()) return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(value) - now;
  return ms > 0 ? ms : undefined;
}
