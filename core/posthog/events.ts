import { fields, idOrNull, isObject, text } from '../values';
import { addressIn } from './people';
import type { PosthogEvent } from './types';

/** Why an event became no action. */
export type PosthogSkip =
  'broken_json' | 'not_an_event' | 'no_session' | 'bot' | 'repeated' | 'not_chosen';

/** Reads the text of one frame of PostHog's live stream. Never throws; undefined if it is no event. */
export function readStreamEvent(frame: string): PosthogEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return undefined;
  }
  return readEvent(value);
}

/** Reads an event that is parsed already, from either interface. Undefined if it is none. */
export function readEvent(value: unknown): PosthogEvent | undefined {
  if (!isObject(value)) return undefined;
  const event = text(value.event).trim();
  const distinctId = text(value.distinct_id);
  if (event === '') return undefined;
  const properties = fields(value.properties);
  return {
    uuid: idOrNull(value.uuid) ?? '',
    event,
    distinct_id: distinctId,
    at: timeOf(value.timestamp),
    properties,
    elements_chain: text(value.elements_chain) || text(properties.$elements_chain),
    email: addressIn(fields(properties.$set).email),
  };
}

/** ISO 8601 or a number of milliseconds, as milliseconds since the epoch; null for anything else. */
function timeOf(value: unknown): number | null {
  const ms = typeof value === 'number' ? value : Date.parse(text(value));
  return Number.isFinite(ms) ? ms : null;
}
