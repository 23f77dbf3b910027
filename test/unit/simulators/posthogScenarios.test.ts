import browserFrames from '../../fixtures/posthog/browser.json';
import {
  createPosthogSimulator,
  el,
  type ProcessedEvent,
  scenarios,
  toChain,
} from '../../../simulators/posthog';
import { pathOf } from '../../../simulators/posthog/sdk/dom';
import { createRandom } from '../../../simulators/random';
import { manualClock } from './support';

interface Real {
  event: string;
  properties: Record<string, unknown>;
}
const real = browserFrames as unknown as Real[];

const project = {
  id: 7,
  uuid: '01a0c44e-0000-7000-8000-000000000007',
  name: 'Boards',
  organizationId: '01a0c44e-0000-7000-8000-00000000000a',
  apiToken: 'phc_boards',
};

/** What a scenario brings into capture, and what comes out of ingestion. */
function play<Name extends keyof typeof scenarios>(name: Name) {
  const clock = manualClock();
  const posthog = createPosthogSimulator({ projects: [project], keys: [], clock });
  const processed: ProcessedEvent[] = [];
  posthog.onProcessed((event) => processed.push(event));
  const { capture } = posthog;
  const told = scenarios[name]({ capture, clock, random: createRandom(3) });
  const events = posthog.journal.mutations;
  const names = () => events.map(({ event }) => event);
  return { told: told as ReturnType<(typeof scenarios)[Name]>, clock, events, names, processed };
}

describe('scenarios', () => {
  it('a visitor signs up: the anonymous id becomes a person', () => {
    const { told, events, names, clock, processed } = play('signsUp');
    expect(names()).toEqual([
      '$pageview',
      '$autocapture',
      '$autocapture',
      '$identify',
      'plan upgraded',
    ]);
    expect(events.map(({ distinct_id }) => distinct_id)).toEqual([
      ...Array.from({ length: 3 }, () => told.anonymousId),
      'u_42',
      'u_42',
    ]);
    expect(events.every(({ properties }) => properties.$session_id === told.sessionId)).toBe(true);
    clock.advance(2_000);
    expect(processed.at(-1)!.person!.properties).toEqual({ email: told.email, name: 'Ann' });
  });

  it('two tabs share a session and not a window', () => {
    const { told, events } = play('twoTabs');
    expect(told.windows[0]).not.toBe(told.windows[1]);
    const windows = events.map(({ properties }) => properties.$window_id);
    expect(windows).toEqual([...told.windows, ...told.windows]);
    expect(new Set(events.map(({ properties }) => properties.$session_id)).size).toBe(1);
  });

  it('a rage click comes before the third click, a dead click seconds after its own', () => {
    const rage = play('rageClick');
    expect(rage.names().slice(1)).toEqual([
      '$autocapture',
      '$autocapture',
      '$rageclick',
      '$autocapture',
    ]);
    const dead = play('deadClick');
    dead.clock.advance(2_749);
    expect(dead.names()).toEqual(['$pageview', '$autocapture']);
    dead.clock.advance(1);
    const [, click, later] = dead.events;
    expect(later).toMatchObject({ event: '$dead_click', timestamp: click!.timestamp });
    expect(later!.properties.$elements_chain).toBe(click!.properties.$elements_chain);
    expect(later!.properties.$elements).toHaveLength(3);
  });

  it('events of a server have no session and no page', () => {
    const [event] = play('fromServer').events;
    expect(event!.properties).not.toHaveProperty('$session_id');
    expect(event!.properties).not.toHaveProperty('$current_url');
  });

  it('what is sent twice has the same uuid', () => {
    const { told, events } = play('sentTwice');
    expect(events.map(({ uuid }) => uuid === told.uuid)).toEqual([true, false, true]);
  });

  it('a wrong clock shows where an event brings its own time', () => {
    const { told, events, clock } = play('wrongClock');
    clock.advance(2_750);
    const [view, click, dead] = events.map(({ timestamp }) => Date.parse(timestamp));
    expect(click! - view!).toBe(500);
    expect(dead! - click!).toBe(told.skewMs);
  });

  it('visitors who share an id are not joined', () => {
    const { told, clock, processed } = play('sharedId');
    expect(new Set(told.sessions).size).toBe(2);
    clock.advance(2_000);
    const anonymous = processed.filter(({ event }) => event === '$pageview');
    expect(anonymous.map(({ person }) => person)).toEqual([null, null]);
  });

  it.each([
    ['cookieless' as const, ['$pageview', '$pageview']],
    ['bot' as const, ['$pageview']],
    ['error' as const, ['$pageview', '$autocapture', '$exception']],
    [
      'singlePageApp' as const,
      ['$pageview', '$autocapture', '$pageview', '$autocapture', '$pageleave'],
    ],
  ])('%s plays', (name, expected) => {
    expect(play(name).names()).toEqual(expected);
  });
});

describe('the simulated posthog-js', () => {
  it.each(['$pageview', '$autocapture', '$rageclick', '$dead_click', '$identify', '$pageleave'])(
    'gives %s no property that the real one does not have, and of the same type',
    (name) => {
      const made = [
        ...play('signsUp').events,
        ...play('rageClick').events,
        ...play('singlePageApp').events,
      ];
      const dead = play('deadClick');
      dead.clock.advance(3_000);
      const all = [...made, ...dead.events].filter(({ event }) => event === name);
      expect(all.length).toBeGreaterThan(0);
      const known = new Map(
        real
          .filter(({ event }) => event === name)
          .flatMap(({ properties }) => Object.entries(properties))
          .map(([key, value]) => [key, typeof value]),
      );
      for (const { properties } of all) {
        for (const [key, value] of Object.entries(properties)) {
          expect([key, typeof value]).toEqual([key, known.get(key)]);
        }
      }
    },
  );

  it('notes elements as the real one does', () => {
    const label = el('span', {}, 'Start "Pro"');
    const attributes = {
      type: 'button',
      class: 'button primary',
      'data-plan': 'Pro',
      'data-attr': 'plan-pro',
    };
    const button = el('button', attributes, label);
    const card = el('article', { class: 'card' }, el('h2', {}, 'Team'), el('p'), button);
    const cards = el('section', { class: 'cards' }, el('article', { class: 'card' }), card);
    const body = el('body', {}, el('header'), el('main', {}, el('h1'), el('label'), cards));
    const chain = toChain(pathOf(el('html', {}, el('head'), body), label).slice(0, -1));
    const { properties } = real.find((one) => one.properties.$el_text === 'Start "Pro"')!;
    expect(chain).toBe(properties.$elements_chain);
  });
});
