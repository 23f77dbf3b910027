import { fingerprint } from '../payload/fingerprint';
import type { Action } from '../payload/types';

/**
 * What the stream and a backfill say alike of one action: its content and the visitor's time, to the millisecond.
 * Undefined for an action without a time, because nothing tells it apart from an equal one.
 */
export function contentOf(action: Action): string | undefined {
  const { type, title, description, timestamp_start, raw_url } = action;
  if (timestamp_start === null) return undefined;
  const at = Math.round(timestamp_start * 1_000);
  return fingerprint(`${type}\0${title}\0${description}\0${at}\0${raw_url}`);
}

/**
 * The id of a backfilled action, the same whenever it is fetched.
 *
 * @param nth which of the actions with this content it is, from 1
 */
export function backfilledId(content: string, nth: number): string {
  return fingerprint(`backfill\0${content}\0${nth}`);
}
