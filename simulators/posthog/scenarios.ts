import type { Clock } from '../../core/clock';
import { type Random, uuid7 } from '../random';
import type { SdkEvent } from './capture/body';
import { createBrowser } from './sdk/browser';
import { el } from './sdk/dom';

/** What a scenario plays in. */
export interface Stage {
  /** As `capture` of the simulator. */
  capture(event: SdkEvent): void;
  clock: Clock;
  random: Random;
}

/** The page of the scenarios, and what is on it. */
const signUp = el('button', { class: 'btn primary', type: 'submit' }, 'Sign up');
const form = el('form', { id: 'signup' }, signUp);
const more = el('button', { class: 'btn', 'aria-label': 'More options' }, el('svg', {}));
const save = el('button', { class: 'btn' }, el('span', {}, 'Save'));
const picture = el('div', { class: 'chart' }, 'Velocity');
const page = el('body', {}, el('main', {}, form, el('p', { class: 'row' }, more, save), picture));
const AGENT_OF_BOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';

/**
 * What visitors do that is not simple to read. Each plays at once, as far as it does not say otherwise, and returns what
 * a test compares with.
 */
export const scenarios = {
  /** An anonymous visitor looks around, signs up, and does something that the product calls by name. */
  signsUp({ capture, clock, random }: Stage, userId = 'u_42', email = 'ann@example.com') {
    const browser = createBrowser({ capture, clock, random });
    const tab = browser.tab();
    tab.view('/pricing?token=secret', 'Pricing | Northwind Boards', { ago: 900 });
    tab.click(page, signUp, { ago: 600 });
    tab.submit(page, form, { ago: 590 });
    browser.identify(userId, { email, name: 'Ann' }, { ago: 400 });
    tab.custom('plan upgraded', { plan: 'team', seats: 5 });
    return { sessionId: browser.sessionId, anonymousId: browser.deviceId, userId, email };
  },
  /** One visitor in two windows, which differ in what they show: one session. */
  twoTabs({ capture, clock, random }: Stage) {
    const browser = createBrowser({ capture, clock, random });
    const [one, two] = [browser.tab(), browser.tab()];
    one.view('/boards/7', 'Spring campaign', { ago: 900 });
    two.view('/settings/billing', 'Settings › Billing', { ago: 700 });
    one.click(page, save, { ago: 500 });
    two.click(page, more, { ago: 300 });
    return { sessionId: browser.sessionId, windows: [one.windowId, two.windowId] };
  },
  /** Three clicks on what does not answer. PostHog sends four events. */
  rageClick({ capture, clock, random }: Stage) {
    const browser = createBrowser({ capture, clock, random });
    const tab = browser.tab();
    tab.view('/boards/7/export', 'Export', { ago: 2_000 });
    tab.rage(page, save);
    return { sessionId: browser.sessionId };
  },
  /** A click without effect. The second event about it comes 2.75 s later by the clock. */
  deadClick({ capture, clock, random }: Stage) {
    const browser = createBrowser({ capture, clock, random });
    const tab = browser.tab();
    tab.view('/analytics', 'Analytics', { ago: 1_000 });
    tab.deadClick(page, picture);
    return { sessionId: browser.sessionId };
  },
  /** Pages of an app that loads once: only views have a title, and what follows belongs to the page before it. */
  singlePageApp({ capture, clock, random }: Stage) {
    const browser = createBrowser({ capture, clock, random });
    const tab = browser.tab();
    tab.view('/dashboard', 'Dashboard', { ago: 900 });
    tab.click(page, save, { ago: 800 });
    tab.view('/boards/7#card-3', 'Spring campaign', { ago: 600 });
    tab.click(page, more, { ago: 500 });
    tab.leave();
    return { sessionId: browser.sessionId };
  },
  /** A server reports something of a person: there is no session, and no page. */
  fromServer({ capture, clock, random }: Stage, userId = 'u_42') {
    capture({
      event: 'invoice paid',
      distinct_id: userId,
      uuid: uuid7(random, clock.now()),
      timestamp: new Date(clock.now()).toISOString(),
      properties: { $lib: 'posthog-node', $lib_version: '5.0.0', amount: 90 },
    });
    return { userId };
  },
  /** An SDK that has missed an answer sends the same event again, after another one. */
  sentTwice({ capture, clock, random }: Stage) {
    const sent: SdkEvent[] = [];
    const browser = createBrowser({ capture: (event) => sent.push(event), clock, random });
    const tab = browser.tab();
    tab.view('/pricing', 'Pricing', { ago: 500 });
    tab.click(page, save, { ago: 300 });
    sent.forEach((event) => capture(event));
    capture(sent[0]!);
    return { sessionId: browser.sessionId, uuid: sent[0]!.uuid! };
  },
  /** A computer whose clock is wrong, by default 3 hours ahead. A dead click keeps that time on the live stream. */
  wrongClock({ capture, clock, random }: Stage, skewMs = 3 * 3_600_000) {
    const browser = createBrowser({ capture, clock, random, skewMs });
    const tab = browser.tab();
    tab.view('/pricing', 'Pricing', { ago: 500 });
    tab.deadClick(page, picture);
    return { sessionId: browser.sessionId, skewMs };
  },
  /** A site that identifies everyone by a mistake of its code: two visitors with the id "undefined". */
  sharedId({ capture, clock, random }: Stage, id = 'undefined') {
    const visits = ['ann@example.com', 'bob@example.com'].map((email) => {
      const browser = createBrowser({ capture, clock, random });
      const tab = browser.tab();
      tab.view('/dashboard', 'Dashboard', { ago: 500 });
      browser.identify(id, { email });
      tab.click(page, save);
      return browser.sessionId;
    });
    return { id, sessions: visits };
  },
  /** Two visitors whom the live stream cannot tell apart. */
  cookieless({ capture, clock, random }: Stage) {
    for (const agent of ['Mozilla/5.0 Firefox/140.0', 'Mozilla/5.0 Safari/605.1']) {
      const browser = createBrowser({ capture, clock, random, agent, cookieless: true });
      browser.tab().view('/pricing', 'Pricing');
    }
  },
  /** A search engine reads a page, with posthog-js told not to keep quiet about it. */
  bot({ capture, clock, random }: Stage) {
    const browser = createBrowser({ capture, clock, random, agent: AGENT_OF_BOT });
    browser.tab().view('/pricing', 'Pricing');
    return { sessionId: browser.sessionId };
  },
  /** A page breaks after a click. The live stream does not have the error. */
  error({ capture, clock, random }: Stage) {
    const browser = createBrowser({ capture, clock, random });
    const tab = browser.tab();
    tab.view('/boards/7/export', 'Export', { ago: 500 });
    tab.click(page, save, { ago: 200 });
    tab.exception('TypeError', 'report is undefined', { ago: 190 });
    return { sessionId: browser.sessionId };
  },
} as const;
