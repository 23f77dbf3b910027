import { readQuery } from '../../simulators/posthog/live/filter';
import { encode, frameOf } from '../../simulators/posthog/live/frame';
import { accept } from '../../simulators/posthog/capture/accept';
import { createBrowser } from '../../simulators/posthog/sdk/browser';
import type { SdkEvent } from '../../simulators/posthog/capture/body';
import { el, type DomElement } from '../../simulators/posthog/sdk/dom';
import { posthogProject } from '../../simulators/demo';
import { createRandom, uuid } from '../../simulators/random';

/** The event of the product's own among the load's, with the property that its action tells. */
export const OWN_EVENT = { name: 'plan upgraded', properties: ['plan'] };

interface PosthogLoadOptions {
  /** The number of sessions that take turns. */
  sessions: number;
  /** The query of the request: what the reader wants of each event. */
  query: URLSearchParams;
}

/** Visits whose events take turns in the stream. Each event makes one action; none is a signal about another event. */
const VISITS = 8;
const SESSION = '@session@';
const PERSON = '@person@';
const UUID = '@uuid@';
const TIME = '@time@';
/** Everything in a load's frames happens within its first hour. */
const HOUR_MS = 3_600_000;

/** Realistic frames of PostHog's live stream at a high rate: a few are made, and then only their session, person, id and time change. */
export function createPosthogLoad({ sessions, query }: PosthogLoadOptions) {
  const random = createRandom(1);
  const now = Date.now();
  const { passes, keep } = readQuery(query, false);
  const templates = visits().flatMap((sent) => {
    const captured = accept(sent, { ip: '127.0.0.1' }, { now: () => now, after: noTimer }, random);
    if (!captured || !passes(captured)) return [];
    const frame = frameOf(captured, posthogProject);
    const bytes = encode({
      ...{ ...frame, uuid: UUID, timestamp: TIME, distinct_id: PERSON },
      properties: keep(frame.properties),
    });
    return [bytes.split(new RegExp(`(${SESSION}|${PERSON}|${UUID}|${TIME})`))];
  });
  const sessionIds = Array.from({ length: sessions }, () => uuid(random));
  let turn = 0;

  return {
    /** The next frame's bytes; sessions take turns. */
    next(): string {
      const session = turn % sessions;
      const template = templates[turn % templates.length]!;
      turn += 1;
      let bytes = '';
      for (const piece of template) {
        if (piece === SESSION) bytes += sessionIds[session];
        else if (piece === PERSON) bytes += `person-${session}`;
        else if (piece === UUID) bytes += eventId(turn);
        else if (piece === TIME) bytes += new Date(now - HOUR_MS + turn).toISOString();
        else bytes += piece;
      }
      return bytes;
    },
  };
}

const noTimer = () => () => undefined;

/** A UUID for the event with this number. */
export const eventId = (serial: number): string =>
  `01a0c44e-9b11-7000-8000-${serial.toString(16).padStart(12, '0')}`;

/** A page as applications have them: what is clicked on is ten elements deep, with the classes of a framework. */
const utility = (...more: string[]) => ({
  class: ['flex', 'items-center', 'md:gap-2', 'px-3', ...more].join(' '),
});
const buttons = ['Save changes', 'Invite a teammate', 'Export', 'Upgrade to Team'].map((text) =>
  el('button', { ...utility('btn', 'btn-primary'), type: 'button' }, el('span', {}, text)),
);
const more = el(
  'button',
  { ...utility('btn'), 'aria-label': 'More options' },
  el('svg', utility()),
);
const field = el('input', { type: 'email', name: 'workEmail', placeholder: 'Work email' });
const form = el('form', { id: 'invite', ...utility('space-y-4') }, field);
const card = el('section', utility('rounded-lg'), el('div', utility(), ...buttons, more, form));
const page = [1, 2, 3, 4].reduce<DomElement>(
  (inside) => el('div', utility('min-w-0', 'grow'), inside),
  el('main', { id: 'content', ...utility() }, card),
);
const document = el('body', utility('antialiased'), el('div', { id: 'root' }, page));

/** The events of a few visits, as SDKs send them. */
export function visits(): SdkEvent[] {
  const events: SdkEvent[] = [];
  for (let visit = 0; visit < VISITS; visit += 1) {
    const browser = createBrowser({
      capture: (event) => void events.push(event),
      clock: { now: Date.now, after: noTimer },
      random: createRandom(visit + 1),
      sessionId: SESSION,
      userId: PERSON,
    });
    const tab = browser.tab();
    tab.view(`/boards/${8_000 + visit}?view=table`, `Sprint ${visit} | Northwind Boards`);
    for (const button of buttons) tab.click(document, button);
    tab.click(document, more);
    tab.change(document, field);
    tab.submit(document, form);
    tab.custom(OWN_EVENT.name, { plan: 'team', seats: 5 });
  }
  return events;
}
