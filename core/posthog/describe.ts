import { fingerprint } from '../payload/fingerprint';
import type { Action } from '../payload/types';
import { shortLine } from '../text/visible';
import { text } from '../values';
import { chainOf, readElementList, type Element } from './elements';
import { LONGEST_NAME, thePage } from './pages';
import { targetOf } from './target';
import type { CustomEvent, PosthogEvent } from './types';
import { customEvent, errorText, interaction, nameOf, on } from './wording';

export const STANDARD = new Map<string, string>([
  ['$pageview', 'pageview'],
  ['$screen', 'pageview'],
  ['$autocapture', 'click'],
  ['$copy_autocapture', 'copy'],
  ['$rageclick', 'click'],
  ['$dead_click', 'click'],
  ['$dead_swipe', 'click'],
  ['$exception', 'error'],
]);
/** These events name the visitor, and are no actions. */
export const IDENTIFYING = ['$identify', '$set'];

/** PostHog's own events that are used. */
export const STANDARD_EVENTS: readonly string[] = [...STANDARD.keys(), ...IDENTIFYING];

/** Fields that change with a click. */
const TICKED = ['checkbox', 'option', 'switch'];

/** What an event says. */
export interface Described {
  type: string;
  said: string;
  title?: string;
  signal?: Action['signal'];
  /** What was clicked, where others may tell the same click. */
  target?: string;
  /** See {@link Click.followUp}. */
  followUp?: string;
}

/** What an event says; undefined if another one has said it. */
export function describe(
  event: PosthogEvent,
  page: string,
  custom: ReadonlyMap<string, CustomEvent>,
): Described | undefined {
  const { properties } = event;
  const type = STANDARD.get(event.event) ?? 'event';
  switch (event.event) {
    case '$pageview':
      return { type, said: page ? `User opened ${thePage(page)}` : 'User opened a page' };
    case '$screen': {
      const name = shortLine(text(properties.$screen_name), LONGEST_NAME);
      return { type, said: name ? `User opened the ${name} screen` : 'User opened a screen' };
    }
    case '$copy_autocapture':
      return { type, said: on(page, 'User copied text') };
    case '$exception': {
      const error = errorText(properties);
      const said = on(page, 'An error occurred');
      return { type, said: error ? `${said}: ${error}` : said, signal: 'error' };
    }
  }
  if (type === 'event') {
    const chosen = custom.get(event.event)?.properties ?? [];
    return { type, said: on(page, customEvent(event.event, properties, chosen)) };
  }
  const chain = event.elements_chain;
  const elements = chain ? chainOf(chain) : readElementList(properties.$elements);
  const target = targetOf(elements, text(properties.$el_text));
  const name = nameOf(target);
  const key = fingerprint(`${placeOf(elements)}\0${target.label}\0${page}`);
  if (event.event === '$rageclick') {
    const said = on(page, `User clicked ${name} several times in a row`);
    const followUp = `${said}, and nothing happened`;
    return { type, said, title: target.label, signal: 'rage_click', target: key, followUp };
  }
  if (event.event === '$autocapture') {
    const done = interaction(text(properties.$event_type), target);
    // The click that ticked it has been told.
    if (done.type === 'type' && TICKED.includes(target.kind)) return undefined;
    const said = { ...done, said: on(page, done.said), title: target.label };
    return done.type === 'click' ? { ...said, target: key } : said;
  }
  const verb = event.event === '$dead_swipe' ? 'swiped' : 'clicked';
  return {
    type,
    said: `${on(page, `User ${verb} ${name}`)}, and nothing happened`,
    title: target.label,
    signal: 'dead_click',
    target: key,
    followUp: on(page, `Nothing happened after the user ${verb} ${name}`),
  };
}

/** Elements by which a place on a page is told from others. */
const AROUND = 4;

/** Where something stands, whatever its looks: a button may get another class with each click. */
function placeOf(elements: Iterable<Element>): string {
  const steps: string[] = [];
  for (const { tag, attributes } of elements) {
    const own = ['nth-child', 'nth-of-type', 'attr_id'].map((name) => attributes.get(name) ?? '');
    steps.push(`${tag} ${own.join(' ')}`);
    if (steps.length === AROUND) break;
  }
  return steps.join(';');
}
