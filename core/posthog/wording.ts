import { bareAddressesIn } from '../payload/urls';
import { oneLine, shortLine } from '../text/visible';
import { fields, list, text } from '../values';
import { thePage } from './pages';
import { wordsOf, type Target } from './target';

// What an event says in a sentence. A person who does not know PostHog reads it, so it names what the visitor saw.

const LONGEST_VALUE = 100;
const LONGEST_ERROR = 200;
const MOST_PROPERTIES = 10;

/** The verbs for PostHog's `$event_type`, with the type of the action. */
const DONE: Record<string, [type: string, verb: string]> = {
  click: ['click', 'clicked'],
  change: ['type', 'changed'],
  submit: ['submit', 'submitted'],
  touch: ['click', 'tapped'],
  scroll: ['scroll', 'scrolled in'],
  toggle: ['click', 'toggled'],
};

/** What was done to an element: the action's type, and the sentence without the page. */
export function interaction(eventType: string, target: Target): { type: string; said: string } {
  const [type, verb] = Object.hasOwn(DONE, eventType)
    ? DONE[eventType]!
    : ['click', 'interacted with'];
  return { type, said: `User ${verb} ${nameOf(target)}` };
}

/** An element in a sentence: `Sign up button`, `a button`, `Free plan`. */
export function nameOf({ label, kind }: Target): string {
  if (!label) return kind ? `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}` : 'something';
  const repeats = kind !== '' && label.toLowerCase().endsWith(kind);
  return kind && !repeats ? `${label} ${kind}` : label;
}

/** `said` with the page on which it happened, where that is known. */
export function on(page: string, said: string): string {
  return page ? `${said} on ${thePage(page)}` : said;
}

/** An event of the product's own: its name as words, with the chosen properties. */
export function customEvent(
  name: string,
  properties: Record<string, unknown>,
  chosen: readonly string[],
): string {
  const said = wordsOf(oneLine(name)) || 'event';
  const details = chosen.slice(0, MOST_PROPERTIES).flatMap((key) => {
    const value = scalar(properties[key]);
    return value === '' ? [] : [`${wordsOf(key)}: ${value}`];
  });
  const sentence = `${said.charAt(0).toUpperCase()}${said.slice(1)}`;
  return details.length > 0 ? `${sentence} (${details.join(', ')})` : sentence;
}

function scalar(value: unknown): string {
  const said = typeof value === 'boolean' ? (value ? 'yes' : 'no') : text(value);
  return shortLine(said.slice(0, 1_000), LONGEST_VALUE);
}

/** What an error says, by PostHog's list of exceptions or the lists it makes of it. */
export function errorText(properties: Record<string, unknown>): string {
  const first = fields(list(properties.$exception_list)[0]);
  const type = text(first.type) || text(list(properties.$exception_types)[0]);
  const value = text(first.value) || text(list(properties.$exception_values)[0]);
  const said = [type, value].map((part) => oneLine(part.slice(0, 1_000))).filter(Boolean);
  return shortLine(bareAddressesIn(said.join(': ')), LONGEST_ERROR);
}
