import type { Action, SessionBatch } from './types';

/** A clock that is further off than this is not believed. */
const MAX_CLOCK_ERROR_MS = 24 * 3_600_000;
/** How much later than its latest action a batch may be forwarded without the visitor's clock being slow. */
const MAX_DELAY_MS = 30_000;

/**
 * When the actions of a batch happened, in milliseconds since the epoch: by the visitor's clock, set right where
 * the batch shows that it is minutes off, for it was forwarded right after its latest action; and when it
 * arrived, `now`, where an action says nothing that can be believed. None happened later than that.
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
 * The action with the time that it is remembered by, in seconds, in the place of its visitor's; with none where
 * that was not believed, so that it keeps its place among the others.
 */
export function withTime(action: Action, at: number): Action {
  const isBelieved = isNear(milliseconds(action.timestamp_start), at);
  return { ...action, timestamp_start: isBelieved ? at / 1_000 : null };
}

function isNear(time: number | null, other: number): time is number {
  return time !== null && Math.abs(time - other) <= MAX_CLOCK_ERROR_MS;
}

/** Of a time in seconds, or in what else people write times in, by its size; null for one that says nothing. */
function milliseconds(time: number | null): number | null {
  if (time === null || !(time > 0)) return null;
  if (time < 1e11) return time * 1_000;
  if (time < 1e14) return time;
  return time < 1e17 ? time / 1_000 : time / 1_000_000;
}
