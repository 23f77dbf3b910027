import { idOrNull, MAX_ID } from './values';

/**
 * What sites send instead of an id that they do not have: a missing value that was turned into text, the name of
 * the field, a word for an unknown visitor. The first two lines are PostHog's, which never merges persons by these
 * in any case of letters. Mixpanel and Amplitude refuse those of the third.
 */
const PLACEHOLDERS = new Set([
  ...['anonymous', 'guest', 'distinctid', 'distinct_id', 'id', 'not_authenticated', 'email'],
  ...['undefined', 'true', 'false', '[object object]', 'nan', 'none', 'null', '0'],
  ...['anon', 'nil', '<nil>', 'unknown', 'n/a', 'na', '-1', '[]', '{}', 'lmy47d'],
  // Google Analytics, Swift and Go write these for a missing value.
  ...['not set', 'optional(nil)', '%!s(<nil>)', '%!d(<nil>)', '%!v(<nil>)'],
  // PostHog's stream has this id for every visitor of a site without cookies.
  '$posthog_cookieless',
]);

/** No entry of the lists is longer. */
const LONGEST = 32;

/** What `String()` makes of a missing value. A program that had none made an address with such a part. */
const MISSING = new Set(['undefined', 'null', 'nan', 'none', 'nil', '[object object]']);

/** An object that was turned into text, such as a promise that was not waited for. */
const OBJECT = /^\[object \w+\]$/;

/** What programs put between the parts of an id, such as a prefix and a number. */
const BETWEEN = /[\s,;:|/_.-]+/;

/** An id that ends with the missing part: every visitor of the site has the same. */
const ENDS_MISSING = /[:|/_-](?:undefined|null|\[object object\])$/;

/** Placeholders of template languages that were never filled in, such as `{{user.id}}` or `<%= user.id %>`. */
const TEMPLATE = new RegExp(
  [
    ...['\\{\\{.*\\}\\}', '[$#]\\{.*\\}', '<%.*%>', '\\{%.*%\\}', '\\[\\[.*\\]\\]'],
    // Without digits: ids of Windows stand in braces as well.
    ...['\\{[a-z_]+(?:\\.[a-z_]+)*\\}', '%[a-z_]+%'],
  ]
    .map((form) => `^${form}$`)
    .join('|'),
  'is',
);

/** Most ids. They hold nothing of which quotes, brackets, templates and addresses are made. */
const PLAIN = /^[a-z\d]\w*(?:-\w+)*$/i;

/**
 * Whether an id of a user or session, or an email address, names no particular person. Such an id would unite
 * strangers, so it is treated as missing wherever it comes from.
 */
export function isNobody(id: string): boolean {
  return PLAIN.test(id) ? isPlainNobody(id) : isQuotedNobody(id);
}

function isPlainNobody(id: string): boolean {
  return isBlankId(id) || (id.length <= LONGEST && isPlaceholder(id.toLowerCase()));
}

function isQuotedNobody(id: string): boolean {
  const said = withoutQuotes(id.trim());
  if (said === '' || TEMPLATE.test(said) || isBlankId(said)) return true;
  if (said.length > LONGEST) return false;
  const word = said.toLowerCase();
  if (PLACEHOLDERS.has(withoutBrackets(word))) return true;
  const at = word.indexOf('@');
  return at >= 0 ? isNoAddress(word.slice(0, at), word.slice(at + 1)) : isPlaceholder(word);
}

function isPlaceholder(word: string): boolean {
  return PLACEHOLDERS.has(word) || isPutTogether(word);
}

/** Whether an address names no mailbox: a part is missing, or both are the same placeholder. */
function isNoAddress(name: string, host: string): boolean {
  if (name === '' || host === '' || MISSING.has(name) || MISSING.has(host)) return true;
  return PLACEHOLDERS.has(name) && host.split('.')[0] === name;
}

/** Whether a program put the id together of parts that it did not have. */
function isPutTogether(word: string): boolean {
  // All of them end with a missing value.
  if (!'dlne]'.includes(word.at(-1)!)) return false;
  return (
    OBJECT.test(word) ||
    ENDS_MISSING.test(word) ||
    word.split(BETWEEN).every((part) => MISSING.has(part))
  );
}

/** The trimmed id of a user or session; null for a placeholder. */
export function personIdOrNull(value: unknown): string | null {
  // A short cut: there is nothing to trim or to replace.
  if (typeof value === 'string' && value.length <= MAX_ID && PLAIN.test(value)) {
    return isPlainNobody(value) ? null : value;
  }
  // Without its null bytes, it could be the id of another person.
  if (typeof value === 'string' && value.includes('\0')) return null;
  const id = idOrNull(value);
  return id === null || isNobody(id) ? null : id;
}

/** An email address in the one spelling in which addresses are compared. Many spellings reach the same mailbox. */
export function comparableEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase().normalize('NFC');
}

/** A caller's request without placeholder ids, and with the address in its one spelling. */
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

const QUOTES = ['""', "''", '``', '“”', '‘’'];
/** Objective-C writes `(null)`, and `<null>` in a list. */
const BRACKETS = ['()', '<>', '[]'];

const withoutQuotes = (word: string) => within(QUOTES, word);
const withoutBrackets = (word: string) => within(BRACKETS, word);

/** What stands within one of the pairs; the word itself where it stands in none. */
function within(pairs: readonly string[], word: string): string {
  const isWithin = pairs.some((pair) => word.startsWith(pair[0]!) && word.endsWith(pair[1]!));
  return isWithin && word.length > 1 ? word.slice(1, -1).trim() : word;
}

/** `00000000-0000-0000-0000-000000000000`, which devices give instead of an id that they do not reveal. */
function isBlankId(id: string): boolean {
  return /^[0-]+$/.test(id);
}
