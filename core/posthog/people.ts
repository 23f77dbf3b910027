import { personIdOrNull } from '../identity';
import { isIdentified } from '../memory/visitor';
import { fields, text } from '../values';
import type { PosthogEvent } from './types';

/** Who did something, as far as an event says. */
export interface Who {
  /** The id that the site gave the visitor; null for a visitor who has not signed in. */
  user_id: string | null;
  email: string | null;
  /** PostHog's id of the visitor before they signed in, where the event says so. */
  anonymousId: string | null;
}

/** PostHog merges no persons by longer ids. */
const LONGEST_ID = 400;

/** A name, one at sign, and a host with a dot. */
const ADDRESS = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,250}\.[^\s@<>".]{2,63}$/;

/** PostHog's own ids of visitors who have not signed in: names nobody, but is the same in all their sessions. */
export function whoIn({ event, distinct_id, properties, email }: PosthogEvent): Who {
  const id = idIn(distinct_id);
  const isAnonymous =
    id === null ||
    properties.$is_identified === false ||
    id === properties.$device_id ||
    properties.$cookieless_mode === true ||
    // An SDK that does not say it: a mobile one, or a server's.
    (properties.$is_identified === undefined && !isIdentified({ user_id: id, email: null }));
  const user_id = isAnonymous && event !== '$identify' ? null : id;
  const said = email ?? addressIn(fields(properties.$set).email) ?? addressIn(user_id);
  const before = event === '$identify' ? idIn(properties.$anon_distinct_id) : null;
  return { user_id, email: said, anonymousId: before ?? (user_id === null ? id : null) };
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
