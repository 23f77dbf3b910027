import { idOrNull } from './values';

/**
 * What sites send in the place of an id they do not have: a missing value that was turned into text, a name of the
 * field, a word for an unknown visitor. PostHog never merges persons by the first group, in any case of letters;
 * Mixpanel and Amplitude refuse the second.
 */
const PLACEHOLDERS = new Set([
  ...['anonymous', 'guest', 'distinctid', 'distinct_id', 'id', 'not_authenticated', 'email'],
  ...['undefined', 'true', 'false', '[object object]', 'nan', 'none', 'null', '0'],
  ...['anon', 'nil', '<nil>', 'unknown', 'n/a', 'na', '-1', '[]', '{}', 'lmy47d'],
  // PostHog's stream names every visitor of a site without cookies by this.
  '$posthog_cookieless',
]);

/** What is longer is in none of the lists. */
const LONGEST = 32;

/** What `String()` makes of a missing value: an address with one before its @ was put together by a program. */
const MISSING = new Set(['undefined', 'null', 'nan', 'none', 'nil', '[object object]']);

/**
 * Whether an id of a user or session, or an email address, names no one in particular. It would unite strangers, so
 * it is treated as missing wherever it comes from.
 */
export function isNobody(id: string): boolean {
  const said = withoutQuotes(id.trim());
  if (said === '' || isTemplate(said) || isBlankId(said)) return true;
  if (said.length > LONGEST) return false;
  const word = said.toLowerCase();
  if (PLACEHOLDERS.has(word)) return true;
  const at = word.indexOf('@');
  return at >= 0 && (at === 0 || MISSING.has(word.slice(0, at)) || MISSING.has(word.slice(at + 1)));
}

/** An id of a user or session as it came, without white space around it; null for a placeholder. */
export function personIdOrNull(value: unknown): string | null {
  // Without its null bytes it could be somebody else's.
  if (typeof value === 'string' && value.includes('\0')) return null;
  const id = idOrNull(value);
  return id === null || isNobody(id) ? null : id;
}

/** An email address in the one spelling in which it is compared: a mailbox has many, which all reach it. */
export function comparableEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase().normalize('NFC');
}

/** Who is meant, of what a caller was told: ids that name somebody, and the address in its one spelling. */
export function namesOf<T extends Names>(given: T): T {
  const known = (id: string | null | undefined) => (id && !isNobody(id) ? id : undefined);
  const email = known(given.email);
  return {
    ...given,
    session_id: known(given.session_id),
    user_id: known(given.user_id),
    email: email && comparableEmail(email),
  };
}

interface Names {
  session_id?: string | null | undefined;
  user_id?: string | null | undefined;
  email?: string | null | undefined;
}

/**
 * A session for messages that end up in logs: by its id, unless that is made of who the visitor is
 * (`user:…`, `email:…`), which is nobody's business there.
 */
export function sessionName(sessionId: string): string {
  return /^(user|email):/.test(sessionId) ? 'a session without an id' : `session ${sessionId}`;
}

function withoutQuotes(word: string): string {
  const first = word[0] ?? '';
  const isQuoted = word.length > 1 && (first === '"' || first === "'") && word.endsWith(first);
  return isQuoted ? word.slice(1, -1).trim() : word;
}

/** A placeholder of a template that was never filled in, such as `{{user.id}}`. */
function isTemplate(id: string): boolean {
  return (id.startsWith('{{') && id.endsWith('}}')) || (id.startsWith('${') && id.endsWith('}'));
}

/** `00000000-0000-0000-0000-000000000000`, which devices give for an id that they keep to themselves. */
function isBlankId(id: string): boolean {
  return /^[0-]+$/.test(id);
}
