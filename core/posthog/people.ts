import { personIdOrNull } from '../identity';
import { isIdentified } from '../memory/visitor';
import { text } from '../values';
import type { PosthogEvent } from './types';

/** Who did something, as far as an event says. */
export interface Who {
  /** The id that the site gave the visitor; null for a visitor who has not signed in. */
  user_id: string | null;
  email: string | null;
}

/** PostHog merges no persons by longer ids. */
const LONGEST_ID = 400;

/** A name, one at sign, and a host with a dot. */
const ADDRESS = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,250}\.[^\s@<>".]{2,63}$/;

/** Who acts. PostHog's own ids of visitors who have not signed in are no user ids. */
export function whoIn({ event, distinct_id, properties, email }: PosthogEvent): Who {
  const id = idIn(distinct_id);
  const { $is_identified, $device_id, $cookieless_mode } = properties;
  const isAnonymous =
    event !== '$identify' &&
    ($is_identified === false ||
      id === $device_id ||
      // An SDK that does not say it: a mobile one, or a server's.
      ($is_identified === undefined && !isIdentified({ user_id: id, email: null })));
  // Without cookies, the id is another one each day.
  const user_id = isAnonymous || $cookieless_mode === true ? null : id;
  return { user_id, email: email ?? addressIn(user_id) };
}

function idIn(value: unknown): string | null {
  const id = personIdOrNull(value);
  const isTooLong = id !== null && id.length > LONGEST_ID && [...id].length > LONGEST_ID;
  return isTooLong ? null : id;
}

/** An email address; null for anything else. */
export function addressIn(value: unknown): string | null {
  const address = text(value).trim();
  return address.includes('@') && ADDRESS.test(address) ? personIdOrNull(address) : null;
}
