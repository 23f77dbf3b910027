import { sql, type RawBuilder } from 'kysely';

/**
 * The holder's proof, when the lease lapses, and how long it was when it was taken or renewed; all null without a
 * holder.
 */
interface Lease {
  lease: string | null;
  until: number | null;
  ms: number | null;
}

/** Longer than any lease, and any pause after a failure. */
const LONGEST_MS = 3_600_000;
/** Clocks are corrected by a little now and then; a living lease must not be lost to that. */
const TOLERANCE_MS = 5_000;

/**
 * Whether a lease has a holder now. If it would last longer than it was when it was taken, the clock was set back
 * since. Such a lease counts as lapsed: its holder has ended, or renews it.
 */
export function isHeld({ lease, until, ms }: Lease, now: number): boolean {
  return lease !== null && isAhead(until, now, ms ?? LONGEST_MS);
}

/** Whether a time is still to come, and no further off than it can have been when it was stored. */
export function isAhead(time: number | null, now: number, furthestMs = LONGEST_MS): boolean {
  return time !== null && time > now && time - now <= furthestMs + TOLERANCE_MS;
}

/** The opposite of {@link isHeld}, for a link's right to post, in SQL. */
export function isFree(now: number): RawBuilder<boolean> {
  const latest = sql`${now + TOLERANCE_MS} + coalesce(lease_ms, ${LONGEST_MS})`;
  return sql`(lease is null or lease_until <= ${now} or lease_until > ${latest})`;
}
