/**
 * Reads a `Retry-After` header, seconds or an HTTP date, as milliseconds from `now` (epoch
 * milliseconds); undefined when it is missing, unreadable or past.
 */
export function readRetryAfter(value: string | null | undefined, now: number): number | undefined {
  if (!value?.trim()) return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(value) - now;
  return ms > 0 ? ms : undefined;
}
