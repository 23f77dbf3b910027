import type { Clock } from '../core/clock';
import { type Deed, type Interaction, ORIGIN } from './connector';
import {
  createBrowser,
  type DomElement,
  el,
  type SdkBrowser,
  type SdkEvent,
  type Tab,
} from './posthog';
import type { Random } from './random';

interface Parts {
  /** As `capture` of the simulator. */
  capture(event: SdkEvent): void;
  clock: Clock;
  random: Random;
}

type Reaction = (tab: Tab, spot: Spot, when: { ago: number }) => void;

/** What the site does about a click, by page and label. */
const REACTIONS: Record<string, Reaction> = {
  'export page: Export': (tab, _, when) =>
    tab.custom('export failed', { format: 'csv', status: 504 }, when),
  'billing settings page: Card': (tab, _, when) =>
    tab.exception('PaymentError', 'The payment failed', when),
};
/** Clicks that are more than a click. */
const INSTEAD: Record<string, Reaction> = {
  'export page: Try again': (tab, { document, target }, when) => tab.rage(document, target, when),
  'home page: Watch the tour': (tab, { document, target }, when) =>
    tab.deadClick(document, target, when),
  'billing settings page: Pay now': (tab, { document, target }, when) =>
    tab.deadClick(document, target, when),
};
/** posthog-js sends a rage click with the third click, if each comes within this time after the one before. */
const RAGE = { clicks: 3, withinMs: 1_000 };

/**
 * Sends what the crowd does as posthog-js would: each person has a browser for each session, in which they are known
 * after their first page.
 */
export function createPosthogCrowd({ capture, clock, random }: Parts) {
  const browsers = new Map<string, { browser: SdkBrowser; tab: Tab; row: ClickRow }>();

  const browserOf = (sessionId: string) => {
    const known = browsers.get(sessionId);
    if (known) return known;
    const browser = createBrowser({ capture, clock, random, origin: ORIGIN, sessionId });
    const one = { browser, tab: browser.tab(), row: { occasion: '', count: 0, at: 0 } };
    browsers.set(sessionId, one);
    return one;
  };

  return {
    /** Sends a step of a person. */
    send({ person, sessionId, step, page, url, at }: Deed): void {
      const isFirst = !browsers.has(sessionId);
      const { browser, tab, row } = browserOf(sessionId);
      const when = { ago: Math.max(0, clock.now() - at) };
      const address = url.slice(ORIGIN.length);
      if (isFirst || 'visit' in step) tab.view(address, page.title, when);
      const { id, name, email } = person;
      if (isFirst) browser.identify(id, { name, ...(email !== undefined && { email }) }, when);
      if ('visit' in step) return;
      const spot = spotOf(step, page.name);
      const occasion = `${page.name}: ${step.label}`;
      const instead = INSTEAD[occasion];
      if (instead) return instead(tab, spot, when);
      if (isAngry(row, step.type, occasion, at)) tab.angryClick(spot.document, spot.target, when);
      else act(tab, step.type, spot, when);
      REACTIONS[occasion]?.(tab, spot, when);
    },
  };
}

/** The latest clicks on the same thing, each soon after the one before. */
interface ClickRow {
  occasion: string;
  count: number;
  /** When the last of them was. */
  at: number;
}

/** Counts what was done, and says whether it makes the row one of an angry person. */
function isAngry(row: ClickRow, type: string, occasion: string, at: number): boolean {
  const isSame = row.occasion === occasion && at - row.at < RAGE.withinMs;
  Object.assign(row, { occasion, at, count: isSame ? row.count + 1 : 1 });
  return type === 'click' && row.count === RAGE.clicks;
}

function act(
  tab: Tab,
  type: Interaction['type'],
  { document, target }: Spot,
  when: { ago: number },
) {
  if (type === 'click') tab.click(document, target, when);
  if (type === 'type') tab.change(document, target, when);
  if (type === 'submit') tab.submit(document, target, when);
  // posthog-js does not note where the focus is.
}

/** What is acted on, and the page that it is on. */
interface Spot {
  document: DomElement;
  target: DomElement;
}

function spotOf({ label, kind }: Interaction, pageName: string): Spot {
  const { whole, target } = elementOf(label, kind);
  const panel = el('section', { class: 'panel md:flex' }, el('h1', {}, pageName), whole);
  const bar = el('header', { class: 'bar' }, el('nav', { 'aria-label': 'Pages' }));
  return { document: el('body', {}, bar, el('main', { id: 'content' }, panel)), target };
}

/** A thing on a page as a real page would have it, and the innermost element under the pointer. */
function elementOf(label: string, kind: string): { whole: DomElement; target: DomElement } {
  const alone = (whole: DomElement) => ({ whole, target: whole });
  const within = (wrap: (target: DomElement) => DomElement, target: DomElement) => {
    return { whole: wrap(target), target };
  };
  switch (kind) {
    case 'button':
    case 'filter':
      return within(
        (text) => el('button', { class: 'btn btn-primary', type: 'button' }, text),
        el('span', {}, label),
      );
    case 'menu':
      return alone(el('button', { class: 'btn', 'aria-haspopup': 'menu' }, label));
    case 'tab':
    case 'option':
      return alone(el('div', { class: 'choice', role: kind }, label));
    case 'link':
    case 'article':
    case 'result':
      return alone(el('a', { class: 'link', href: '#' }, label));
    case 'video':
      return within(
        (icon) => el('button', { class: 'play', 'aria-label': label }, icon),
        el('svg', { viewBox: '0 0 16 16' }),
      );
    case 'chart':
      return within(
        (bars) => el('figure', { 'aria-label': label }, bars),
        el('svg', { class: 'bars' }),
      );
    case 'card':
      return within((title) => el('article', { class: 'card' }, title), el('h3', {}, label));
    case 'question':
      return within((title) => el('details', {}, title), el('summary', {}, label));
    case 'switch':
      return within(
        (box) => el('label', { class: 'switch' }, box, label),
        el('input', { type: 'checkbox', 'aria-label': label }),
      );
    case 'field':
      return within((box) => el('label', {}, box, label), el('input', { 'aria-label': label }));
    case 'form':
      return alone(el('form', { 'aria-label': label }, el('button', { type: 'submit' }, label)));
    default:
      return alone(el('div', {}, label));
  }
}
