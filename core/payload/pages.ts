import { createRecent } from '../recent';

/** More patterns, or longer ones, are a mistake, and each action is compared with all of them. */
const MOST_PATTERNS = 100;
const LONGEST_PATTERN = 200;
const MOST_STARS = 10;

/** Addresses of which the answer is kept. */
const MOST_ADDRESSES = 2_000;

/** Why patterns cannot be used, in one sentence; undefined if they can. */
export function patternsFault(patterns: readonly string[]): string | undefined {
  if (patterns.length > MOST_PATTERNS) return `There may be at most ${MOST_PATTERNS} patterns.`;
  for (const pattern of patterns) {
    const fault = patternFault(pattern);
    if (fault) return `The pattern "${pattern.slice(0, 40)}" ${fault}.`;
  }
  return undefined;
}

function patternFault(pattern: string): string | undefined {
  if (pattern.length > LONGEST_PATTERN) return `is longer than ${LONGEST_PATTERN} characters`;
  if (pattern.split('*').length - 1 > MOST_STARS) return `has more than ${MOST_STARS} asterisks`;
  if (pattern.includes('?')) return 'has a question mark, and queries are not compared';
  return undefined;
}

/**
 * Whether an address is one of the pages that the patterns name. `*` stands for any characters, also none; `/admin/*`
 * includes `/admin`. A pattern with a host is compared with host and path, any other with the path alone. Queries, case
 * and a slash at the end do not count. No pattern makes this slow, because none becomes a regular expression.
 */
export function pagesNamed(patterns: readonly string[]): (address: string) => boolean {
  const tests = patterns.map(testOf);
  // Visitors of a site are on the same pages most of the time.
  const isNamed = createRecent(MOST_ADDRESSES, (address) => {
    const page = pageOf(address);
    return tests.some((test) => test(page));
  });
  return (address) => address !== '' && isNamed(address);
}

interface Page {
  /** '' for an address without one. */
  host: string;
  path: string;
}

/** The page of an address, in lower case and without query, fragment and slashes at the end. */
export function pageOf(address: string): Page {
  const given = withoutEnd(address).toLowerCase();
  const scheme = given.indexOf('//');
  const isAbsolute = scheme === 0 || (scheme > 0 && given[scheme - 1] === ':');
  if (!isAbsolute) return { host: '', path: withoutSlash(`/${given.replace(/^\//, '')}`) };
  const rest = given.slice(scheme + 2);
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return { host, path: slash < 0 ? '/' : withoutSlash(rest.slice(slash)) };
}

/** The address before its query and fragment. A fragment that is a path is the page of a site that has only one file. */
function withoutEnd(address: string): string {
  const fragment = address.search(/#(?!!?\/)/);
  const whole = fragment < 0 ? address : address.slice(0, fragment);
  const query = whole.indexOf('?');
  if (query < 0) return whole;
  const route = whole.indexOf('#', query);
  // The query before a route belongs to the file.
  return whole.slice(0, query) + (route < 0 ? '' : (whole.slice(route).split('?')[0] ?? ''));
}

/** A path without slashes at its end; `/` stays. */
export function withoutSlash(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

function testOf(pattern: string): (page: Page) => boolean {
  const given = pattern.trim().toLowerCase();
  const scheme = given.indexOf('://');
  const address = scheme < 0 ? given : given.slice(scheme + 3);
  const slash = address.indexOf('/');
  const first = slash < 0 ? address : address.slice(0, slash);
  if (scheme >= 0 || /[.:]/.test(first)) {
    // A host alone names all its pages.
    const matches = glob(slash < 0 ? `${address}/*` : withoutSlash(address));
    return ({ host, path }) => matches(host + path);
  }
  const isPath = address.startsWith('/') || address.startsWith('*');
  const matches = glob(withoutSlash(isPath ? address : `/${address}`));
  return ({ path }) => matches(path);
}

/** Compares with a pattern, part by part from left to right: linear in practice, and bounded in any case. */
function glob(pattern: string): (text: string) => boolean {
  const parts = pattern.split('*');
  const [start = '', ...others] = parts;
  const end = others.pop();
  if (end === undefined) return (text) => text === pattern;
  const matches = (text: string) => {
    if (text.length < start.length + end.length) return false;
    if (!text.startsWith(start) || !text.endsWith(end)) return false;
    const last = text.length - end.length;
    let at = start.length;
    for (const part of others) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > last) return false;
      at = found + part.length;
    }
    return true;
  };
  if (!pattern.endsWith('/*')) return matches;
  return (text) => matches(text) || matches(`${text}/`);
}
