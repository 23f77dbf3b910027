import { fields, idOrNull, isObject, text } from '../values';
import { personIdOrNull } from '../identity';
import { addressIn } from './people';
import type { PosthogEvent } from './types';

/** Why an event became no action. */
export type PosthogSkip = 'no_session' | 'bot' | 'repeated' | 'late' | 'not_chosen';

/** No real name of an event is longer. */
const MAX_NAME = 400;

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
  // Without its null bytes, it could be the id of another person.
  const distinctId = personIdOrNull(value.distinct_id) ?? '';
  if (event === '' || event.length > MAX_NAME) return undefined;
  const properties = isObject(value.properties) ? value.properties : {};
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

/** What Date.parse reads by itself, and nearly every event has. */
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/;
const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:?\d\d)?$/;

/** ISO 8601 in milliseconds since the epoch, in UTC without a zone; null for anything else. */
function timeOf(value: unknown): number | null {
  const said = text(value).trim();
  const at = Date.parse(UTC.test(said) ? said : inUtc(said));
  return Number.isFinite(at) ? at : null;
}

function inUtc(said: string): string {
  const [, day, time, zone = 'Z'] = TIME.exec(said) ?? [];
  return `${day}T${time}${zone}`;
}
