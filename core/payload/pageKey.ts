import { pageOf } from './pages';
import type { Action } from './types';

/** Longer keys are cut: they are stored with each moment and offer. */
const LONGEST = 200;

const NUMBER = /^\d+$/;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
/** A word of these letters alone is no id. */
const LONG_HEX = /^(?=[a-f]*\d)[\da-f]{12,}$/;
const EMAIL = /@|%40/;

/**
 * The page of an action, by which runs, moments and offers are grouped: the path of its canonical address, or else of its
 * raw one. Hosts, queries, fragments and slashes at the end do not count, and everything is in lower case. Numbers, UUIDs,
 * long hexadecimal numbers and what may be an email address become `:id`, because not every source replaces them in canonical
 * addresses. A fragment
 * that is a path, `#/settings`, belongs to the page, as it does for page patterns.
 *
 * @returns `/` for the first page of a site; '' for an action without an address
 */
export function pageKey({ canonical_url, raw_url }: Action): string {
  const address = canonical_url || raw_url;
  if (address === '') return '';
  const { path } = pageOf(address);
  return path.slice(0, LONGEST).split('/').map(withoutId).join('/');
}

function withoutId(segment: string): string {
  const isId = [NUMBER, UUID, LONG_HEX, EMAIL].some((form) => form.test(segment));
  return isId ? ':id' : segment;
}
