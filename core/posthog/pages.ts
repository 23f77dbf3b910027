import { oneLine, shortLine } from '../text/visible';
import { wordsOf } from './target';

const LONGEST_TITLE = 300;
/** Of a page or screen. */
export const LONGEST_NAME = 80;

/** What stands between the parts of a title: `Pricing | Northwind`. */
const BETWEEN = /\s+[|·•—–-]\s+|\s*\|\s*/;

/** No host is longer, in characters. */
const LONGEST_HOST = 255;

/** Languages that sites have home pages in. Others are pages more often, such as `/me` and `/hr`. */
const LANGUAGES =
  'ar|bg|cs|da|de|el|en|es|fi|fr|he|hi|hu|ja|ko|lt|lv|nb|nl|pl|pt|ro|ru|sk|sl|sv|th|tr|uk|vi|zh';

/** The first page of a site, or of one of its languages. */
const HOME = new RegExp(`^/(?:(?:${LANGUAGES}|[a-z]{2}-[a-z]{2})/?)?$`, 'i');

/** A part of a path that differs from one record to the next. */
const ID = /^(?:\d+|[0-9a-f]{8,}(?:-[0-9a-f]{4,}){0,4}|:\w+|.*\d.{0,2}\d.{0,2}\d.*)$/i;

/**
 * What a person would call a page, such as `Pricing` or `Account settings`: the part of its title that does not name the
 * site, or else the last words of its path. '' if nothing says it.
 *
 * @param host such as `app.northwind.example`
 */
export function pageName(title: string, path: string, host: string): string {
  // The title of the first page says what the product is.
  if (HOME.test(path)) return 'home';
  const parts = oneLine(title.slice(0, LONGEST_TITLE)).split(BETWEEN).filter(Boolean);
  const site = host.slice(0, LONGEST_HOST).split('.').slice(0, -1).map(lettersOf);
  const own = parts.find((part) => parts.length === 1 || !namesSite(part, site));
  return shortLine(own ?? pathName(path), LONGEST_NAME);
}

/** The page in a sentence: `the Pricing page`. */
export function thePage(name: string): string {
  return /\bpage$/i.test(name) ? `the ${name}` : `the ${name} page`;
}

/** @param labels the letters of the host's labels, without the last one */
function namesSite(part: string, labels: readonly string[]): boolean {
  const letters = lettersOf(part);
  return labels.some((label) => label.length > 2 && (label === letters || label === `${letters}s`));
}

const lettersOf = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

function pathName(path: string): string {
  const segments = oneLine(path.slice(0, LONGEST_TITLE)).split('/').filter(Boolean);
  const last = segments.findLast((segment) => !ID.test(segment));
  // Decoding brings forth characters that the path only spelled.
  return last ? wordsOf(oneLine(decoded(last))) : '';
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
