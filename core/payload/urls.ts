import type { Action, SessionBatch } from './types';

/**
 * The batch with addresses cut before `?` and `#`, because the rest often holds tokens and personal data, and without
 * user names and passwords before the host. Addresses within texts are treated the same, because descriptions quote
 * them.
 */
export function withoutQueries(batch: SessionBatch): SessionBatch {
  const actions = batch.actions.map((action): Action => ({
    ...action,
    title: bareAddressesIn(action.title),
    description: bareAddressesIn(action.description),
    raw_url: bare(action.raw_url),
    canonical_url: bare(action.canonical_url),
  }));
  const summaries = batch.summaries?.map((one) => ({
    ...one,
    summary: bareAddressesIn(one.summary),
  }));
  return { ...batch, actions, ...(summaries && { summaries }) };
}

function bare(url: string): string {
  return url
    .replace(/[?#].*$/s, '')
    .replace(PATH_PARAMETER, '')
    .replace(/^([a-z][a-z\d+.-]*:)?\/\/[^/]*@/i, '$1//')
    .replace(CUT_OFF, '$1…');
}

/** A text in which every address ends before its query. */
export function bareAddressesIn(text: string): string {
  if (!/[?#@&;…]/.test(text)) return text;
  return text
    .replace(/\S+/g, (word) => {
      const address = word.slice(0, queryIn(word)).replace(PASSWORD, '$1');
      return address.includes('/') ? address.replace(PATH_PARAMETER, '') : address;
    })
    .replace(CUT_OFF, '$1…');
}

/** A value within a path, such as the session id that Java servers put there. */
const PATH_PARAMETER = /;[\w.-]{1,60}=[^\s/?#;]*/g;
/** A name and password in front of a host. */
const PASSWORD = /\b([a-z][a-z\d+.-]{1,20}:\/\/)[^/?#]*@/gi;
/**
 * An address at the end of a text that was too long, cut before its path begins. The cut may have removed the `@`, and
 * then nothing distinguishes a password from a host.
 */
const CUT_OFF = /((?:\b[a-z][a-z\d+.-]{1,20}:|^)\/\/)[^\s/?#]*…$/i;
/** The next value of a query whose values contain white space. */
const NEXT_VALUE = /&(?:amp;)?[\w.[\]%-]{1,60}=/;
/** The host or file at the end of an address without a scheme. */
const DOTTED = /(?:\.[a-z]{2,20}|\blocalhost|\b\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?$/i;

/** Where the query or fragment of the address in a word begins, or else the length of the word. */
function queryIn(word: string): number {
  const mark = word.search(/[?#]/);
  if (mark >= 0) {
    const before = word.slice(0, mark);
    const after = word.slice(mark + 1);
    // A question mark may end a sentence, and a number sign may precede a number.
    const isAddress = before.includes('/') || DOTTED.test(before);
    if (before.includes('://') || after.includes('=') || (isAddress && /^[\w%/-]/.test(after))) {
      return mark;
    }
  }
  const next = word.search(NEXT_VALUE);
  return next >= 0 ? next : word.length;
}

/** Longer ones are not shown in a note. */
const LONGEST_ADDRESS = 500;
/** With a query. Longer ones are not read. */
const LONGEST_URL = 2_000;

/** The address of a page, without query, password or a slash at its end; null for anything else than http and https. */
export function webAddress(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > LONGEST_URL) return null;
  const url = URL.parse(value.trim());
  if (!url || !/^https?:$/.test(url.protocol)) return null;
  const address = url.origin + url.pathname.replace(/\/+$/, '');
  return address.length <= LONGEST_ADDRESS ? address : null;
}
