import type { Action, SessionBatch } from './types';

/** A clock that is off by more than this is not trusted. */
const MAX_CLOCK_ERROR_MS = 24 * 3_600_000;
/** If a batch is forwarded later than this after its latest action, the visitor's clock is slow. */
const MAX_DELAY_MS = 30_000;

/**
 * When the actions of a batch happened, in milliseconds since the epoch. The times are those of the visitor's clock,
 * corrected if it is minutes off: a batch is forwarded right after its latest action, so the difference shows. An
 * action without a plausible time gets the time of arrival, `now`, and no action gets a later one.
 */
export function timesOf({ actions, forwarded_at }: SessionBatch, now: number): number[] {
  const forwarded = milliseconds(forwarded_at);
  const reference = isNear(forwarded, now) ? Math.min(forwarded, now) : now;
  const own = actions.map(({ timestamp_start }) => {
    const time = milliseconds(timestamp_start);
    return isNear(time, reference) ? time : null;
  });
  let latest = -Infinity;
  for (const time of own) if (time !== null && time > latest) latest = time;
  const behind = reference - latest;
  const isOff = isNear(forwarded, now) && Math.abs(behind) > MAX_DELAY_MS;
  return own.map((time) =>
    time === null ? now : Math.round(Math.min(isOff ? time + behind : time, now)),
  );
}

/**
 * The action with the remembered time, in seconds, instead of the visitor's. With no time if the visitor's was not
 * plausible, so that the action keeps its place among the others.
 */
export function withTime(action: Action, at: number): Action {
  const isBelieved = isNear(milliseconds(action.timestamp_start), at);
  return { ...action, timestamp_start: isBelieved ? at / 1_000 : null };
}

function isNear(time: number | null, other: number): time is number {
  return time !== null && Math.abs(time - other) <= MAX_CLOCK_ERROR_MS;
}

/** A time in milliseconds. Its size shows its unit, from seconds to nanoseconds. Null if it is no time. */
function milliseconds(time: number | null): number | null {
  if (time === null || !(time > 0)) return null;
  if (time < 1e11) return time * 1_000;
  if (time < 1e14) return time;
  return time < 1e17 ? time / 1_000 : time / 1_000_000;
}
