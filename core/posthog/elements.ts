import { fields, list, text } from '../values';

/** An element of the page: what was acted on, or something around it. */
export interface Element {
  /** In lower case; '' if it is not known. */
  tag: string;
  classes: string[];
  /** By PostHog's names: `text`, `href`, `attr_id`, `nth-child`, `attr__…`. */
  attributes: ReadonlyMap<string, string>;
}

/** A page has fewer elements around a button. A longer chain is meant to keep its reader busy. */
const MOST_ELEMENTS = 50;
const LONGEST_CHAIN = 64 * 1024;

/**
 * Reads PostHog's text form of an element and of those around it, the innermost first:
 *
 *     chain   = element *( ";" element )
 *     element = [tag] *( "." class ) [ ":" *( key "=" '"' value '"' ) ]
 *
 * In a value only quotes are escaped, with a backslash; backslashes are not. So a value that ends with one cannot be told
 * from a value that goes on. Takes time in proportion to the length, never throws, and reads at most 50 elements and 64 KiB.
 */
export function readChain(chain: string): Element[] {
  return [...chainOf(chain)];
}

/** The same, each element read when it is asked for: what matters is mostly among the first. */
export function chainOf(chain: string): Iterable<Element> {
  return { [Symbol.iterator]: () => elementsIn(chain) };
}

function* elementsIn(chain: string): Generator<Element, void> {
  const text = chain.slice(0, LONGEST_CHAIN);
  let at = 0;
  for (let i = 0; at < text.length && i < MOST_ELEMENTS; i += 1) {
    const head = headEnd(text, at);
    const { attributes, end } = readAttributes(text, head.attributesAt);
    yield { ...readHead(text.slice(at, head.end)), attributes };
    at = end + 1;
  }
}

const [COLON, SEMICOLON, EQUALS, BACKSLASH] = [58, 59, 61, 92];

/** Where tag and classes end, and where attributes begin: at the end where there are none. */
function headEnd(text: string, from: number): { end: number; attributesAt: number } {
  let at = from;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === SEMICOLON) break;
    // A class may contain colons, such as `md:flex`.
    if (code !== COLON) continue;
    const key = keyEnd(text, at + 1);
    if (text.charCodeAt(key) === EQUALS) return { end: at, attributesAt: at + 1 };
  }
  return { end: at, attributesAt: at };
}

/** Where the characters end that every key may contain. */
function keyEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && isKeyCharacter(text.charCodeAt(at))) at += 1;
  return at;
}

function isKeyCharacter(code: number): boolean {
  const isDigit = code >= 48 && code <= 57;
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return isDigit || isLetter || code === 45 || code === 95;
}

function readHead(head: string): Pick<Element, 'tag' | 'classes'> {
  const [tag = '', ...classes] = (head.startsWith('"') ? head.slice(1) : head).split('.');
  return {
    // An attribute's name with a colon may have been taken for a part of the tag.
    tag: tag.split(':', 1)[0]!.trim().toLowerCase(),
    classes: classes.filter((name) => name !== ''),
  };
}

/** The attributes from there on, and the place of the `;` or the end after them. */
function readAttributes(
  text: string,
  from: number,
): { attributes: Map<string, string>; end: number } {
  const attributes = new Map<string, string>();
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== SEMICOLON) {
    const equals = text.indexOf('="', at);
    // Looked for no further than that: elements with many attributes would be gone through again for each of them.
    const key = text.slice(at, equals < 0 ? undefined : equals);
    const separator = key.indexOf(';');
    // What follows belongs to another element, or is no attribute.
    if (separator >= 0) return { attributes, end: at + separator };
    if (equals < 0) return { attributes, end: text.length };
    const valueEnd = quoteAfter(text, equals + 2);
    if (valueEnd < 0) return { attributes, end: text.length };
    const value = text.slice(equals + 2, valueEnd);
    attributes.set(key, value.includes('\\"') ? value.replaceAll('\\"', '"') : value);
    at = valueEnd + 1;
  }
  return { attributes, end: at };
}

/** The place of the next quote that no backslash escapes; -1 if there is none. */
function quoteAfter(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at > from && text.charCodeAt(at - 1) === BACKSLASH) at = text.indexOf('"', at + 1);
  return at;
}

/** Reads the list of elements that older SDKs send in the place of a chain. What cannot be read is left out. */
export function readElementList(value: unknown): Element[] {
  return list(value)
    .slice(0, MOST_ELEMENTS)
    .flatMap((one) => {
      const raw = fields(one);
      const tag = text(raw.tag_name).toLowerCase();
      if (tag === '') return [];
      const attributes = new Map<string, string>();
      for (const [key, given] of Object.entries(raw)) {
        const said = text(given);
        if (said === '') continue;
        if (key === '$el_text') attributes.set('text', said);
        else if (key === 'attr__href') attributes.set('href', said);
        else if (key === 'attr__id') attributes.set('attr_id', said);
        else if (key.startsWith('nth_')) attributes.set(key.replaceAll('_', '-'), said);
        else if (key.startsWith('attr__')) attributes.set(key, said);
      }
      const classes = raw.classes ?? raw.attr__class;
      const names = Array.isArray(classes) ? classes.map(text) : text(classes).split(/\s+/);
      return [{ tag, classes: names.filter((name) => name !== ''), attributes }];
    });
}
