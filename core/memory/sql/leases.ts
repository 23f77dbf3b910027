import { sql, type RawBuilder } from 'kysely';

/** Who holds something, until when, and how long that was when it was taken or renewed; all null for nobody. */
interface Lease {
  lease: string | null;
  until: number | null;
  ms: number | null;
}

/** No lease is longer, and no pause after a failure. */
const LONGEST_MS = 3_600_000;
/** Clocks are set by a little again and again; a lease that lives must not be lost to that. */
const TOLERANCE_MS = 5_000;

/**
 * Whether somebody holds something now. A lease that would last for longer than it ever did is of before the clock
 * was set back: whoever took it is gone, or renews it.
 */
export function isHeld({ lease, until, ms }: Lease, now: number): boolean {
  return lease !== null && isAhead(until, now, ms ?? LONGEST_MS);
}

/** Whether a time is still to come, and no further off than it can have been when it was written down. */
export function isAhead(time: number | null, now: number, furthestMs = LONGEST_MS): boolean {
  return time !== null && time > now && time - now <= furthestMs + TOLERANCE_MS;
}

/** {@link isHeld} of a link's right to post, the other way round, in SQL. */
export function isFree(now: number): RawBuilder<boolean> {
  const latest = sql`${now + TOLERANCE_MS} + coalesce(lease_ms, ${LONGEST_MS})`;
  return sql`(lease is null or lease_until <= ${now} or lease_until > ${latest})`;
}
