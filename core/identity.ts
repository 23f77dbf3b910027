import { idOrNull } from './values';

/**
 * What sites send instead of an id that they do not have: a missing value that was turned into text, the name of
 * the field, a word for an unknown visitor. The first two lines are PostHog's, which never merges persons by these
 * in any case of letters. Mixpanel and Amplitude refuse those of the third.
 */
const PLACEHOLDERS = new Set([
  ...['anonymous', 'guest', 'distinctid', 'distinct_id', 'id', 'not_authenticated', 'email'],
  ...['undefined', 'true', 'false', '[object object]', 'nan', 'none', 'null', '0'],
  ...['anon', 'nil', '<nil>', 'unknown', 'n/a', 'na', '-1', '[]', '{}', 'lmy47d'],
  // PostHog's stream has this id for every visitor of a site without cookies.
  '$posthog_cookieless',
]);

/** No entry of the lists is longer. */
const LONGEST = 32;

/** What `String()` makes of a missing value. A program that had none made an address with such a part. */
const MISSING = new Set(['undefined', 'null', 'nan', 'none', 'nil', '[object object]']);

/**
 * Whether an id of a user or session, or an email address, names no particular person. Such an id would unite
 * strangers, so it is treated as missing wherever it comes from.
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

/** The trimmed id of a user or session; null for a placeholder. */
export function personIdOrNull(value: unknown): string | null {
  // Without its null bytes, it could be the id of another person.
  if (typeof value === 'string' && value.includes('\0')) return null;
  const id = idOrNull(value);
  return id === null || isNobody(id) ? null : id;
}

/** An email address in the one spelling in which addresses are compared. Many spellings reach the same mailbox. */
export function comparableEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase().normalize('NFC');
}

/** A caller's request without ids that name nobody, and with the address in its one spelling. */
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
 * Names a session in messages that end up in logs: by its id, unless the id says who the visitor is
 * (`user:…`, `email:…`), which does not belong there.
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

/** `00000000-0000-0000-0000-000000000000`, which devices give instead of an id that they do not reveal. */
function isBlankId(id: string): boolean {
  return /^[0-]+$/.test(id);
}
