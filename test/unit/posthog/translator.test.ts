import { readFileSync } from 'node:fs';
import { parseFrame } from '../../../core/payload/parse';
import { mergeBatches } from '../../../core/payload/merge';
import type { SessionBatch } from '../../../core/payload/types';
import { readEvent } from '../../../core/posthog/events';
import { createTranslator, type Translator } from '../../../core/posthog/translator';
import type { PosthogEvent, WantedEvents } from '../../../core/posthog/types';

const NOW = Date.parse('2026-09-21T15:00:00Z');
const START = Date.parse('2026-09-21T14:11:21Z');
const S = '01a0c44e-9740-7c1d-8f2a-6b9e4d1c0a77';
const A = '01a0c44e-9740-7aaa-8bbb-0123456789ab';
const SAVE = 'button.btn:attr__class="btn"nth-child="2"text="Save"';

const project = { id: '7', url: 'https://eu.posthog.com/project/7' };

function translator(events: Partial<WantedEvents> = {}): Translator {
  return createTranslator({
    project: () => project,
    events: { custom: [], all: false, ...events },
    clock: { now: () => NOW },
  });
}

let made = 0;

/** An event of the session, at a time in seconds after its start. */
function event(
  name: string,
  seconds: number,
  properties: Record<string, unknown> = {},
  { distinct_id = A, ...more }: Record<string, unknown> = {},
): PosthogEvent {
  made += 1;
  const read = readEvent({
    uuid: `01a0c44e-9b11-7000-8000-${String(made).padStart(12, '0')}`,
    timestamp: new Date(START + seconds * 1_000).toISOString(),
    distinct_id,
    event: name,
    properties: {
      ...{ $session_id: S, $window_id: 'w', $current_url: 'https://app.example.com/pricing?x=1' },
      ...{ $host: 'app.example.com', $pathname: '/pricing', $device_id: A, $is_identified: false },
      ...properties,
    },
    ...more,
  });
  if (!read) throw new Error('This is no event');
  return read;
}

const view = (seconds: number, title = 'Pricing | Example') =>
  event('$pageview', seconds, { title });
const click = (seconds: number, chain = SAVE) =>
  event('$autocapture', seconds, { $event_type: 'click', $elements_chain: chain });
const rage = (seconds: number) =>
  event('$rageclick', seconds, { $event_type: 'click', $elements_chain: SAVE });
const dead = (seconds: number) =>
  event('$dead_click', seconds, { $event_type: 'click', $elements_chain: SAVE });

/** What goes out if these events arrive together. */
function told(by: Translator, events: readonly PosthogEvent[]): string[] {
  const batches = events.flatMap((one) => by.read(one));
  if (batches.length === 0) return [];
  return by.settle(mergeBatches(batches))?.actions.map(({ description }) => description) ?? [];
}

const one = (given: PosthogEvent, events?: Partial<WantedEvents>): SessionBatch | undefined =>
  translator(events).read(given)[0];

describe('an action', () => {
  it('has the fields of the wire, and its session knows the project', () => {
    const by = translator();
    by.read(view(0));
    const [batch] = by.read(click(5));
    expect(batch).toEqual({
      ...{ type: 'actions', product_id: '7', session_id: S, user_id: null, email: null },
      signed_in: true,
      ...{ conversation_id: null, count: 1, forwarded_at: START / 1_000 + 5 },
      project_url: project.url,
      actions: [
        {
          ...{ index: 0, type: 'click', title: 'Save' },
          description: 'User clicked Save button on the Pricing page',
          ...{ timestamp_start: START / 1_000 + 5, timestamp_end: START / 1_000 + 5 },
          raw_url: 'https://app.example.com/pricing?x=1',
          canonical_url: 'https://app.example.com/pricing',
          action_id: expect.stringMatching(/^01a0c44e-9b11-/),
        },
      ],
    });
    // A step takes the item for one of the stream.
    expect(parseFrame(batch, { productId: '', receivedAt: 0 })).toEqual({
      batches: [batch],
      skipped: {},
    });
  });

  it('is never in the future, by a clock that is ahead', () => {
    const [action] = one(event('$pageview', 3 * 3_600))!.actions;
    expect(action?.timestamp_start).toBe(NOW / 1_000);
    const [late] = one(event('$pageview', -3 * 3_600))!.actions;
    expect(late?.timestamp_start).toBe(START / 1_000 - 3 * 3_600);
  });

  it.each<[string, string, Record<string, unknown>, string]>([
    [
      'a page without a title',
      '$pageview',
      { $pathname: '/billing/plan_history' },
      'User opened the plan history page',
    ],
    [
      'the first page',
      '$pageview',
      { $pathname: '/', title: 'Example: sell more' },
      'User opened the home page',
    ],
    [
      'a screen of an app',
      '$screen',
      { $screen_name: 'Checkout' },
      'User opened the Checkout screen',
    ],
    [
      'a form',
      '$autocapture',
      { $event_type: 'submit', $elements_chain: 'form:attr__aria-label="Payment"' },
      'User submitted Payment form on the pricing page',
    ],
    [
      'a field by its label',
      '$autocapture',
      {
        $event_type: 'change',
        $elements_chain: 'input:attr__name="work_email";label:text="Work email"',
      },
      'User changed Work email field on the pricing page',
    ],
    [
      'a field by its name',
      '$autocapture',
      { $event_type: 'change', $elements_chain: 'input:attr__name="workEmail"' },
      'User changed work email field on the pricing page',
    ],
    [
      'an icon in a button',
      '$autocapture',
      {
        $event_type: 'click',
        $elements_chain: 'path;svg.icon;button:attr__aria-label="Delete board"',
      },
      'User clicked Delete board button on the pricing page',
    ],
    [
      'a link with a role',
      '$autocapture',
      { $event_type: 'click', $elements_chain: 'span:text="Team";div:attr__role="tab"' },
      'User clicked Team tab on the pricing page',
    ],
    [
      'something without a name',
      '$autocapture',
      { $event_type: 'click', $elements_chain: 'div;body' },
      'User clicked something on the pricing page',
    ],
    [
      'a name that says what it is',
      '$autocapture',
      { $event_type: 'click', $elements_chain: 'button:text="Back button"' },
      'User clicked Back button on the pricing page',
    ],
    [
      'the list form',
      '$autocapture',
      { $event_type: 'click', $elements: [{ tag_name: 'a', $el_text: 'Docs' }] },
      'User clicked Docs link on the pricing page',
    ],
    [
      'a copied text, never its words',
      '$copy_autocapture',
      { $selected_content: 'secret', $copy_type: 'copy' },
      'User copied text on the pricing page',
    ],
    [
      'an error',
      '$exception',
      {
        $exception_list: [
          { type: 'TypeError', value: 'x is undefined at https://a.example/?token=1' },
        ],
      },
      'An error occurred on the pricing page: TypeError: x is undefined at https://a.example/',
    ],
    [
      'an error after ingestion',
      '$exception',
      { $exception_types: ['Error'], $exception_values: ['boom'] },
      'An error occurred on the pricing page: Error: boom',
    ],
  ])('tells of %s', (_, name, properties, said) => {
    expect(one(event(name, 0, properties))?.actions[0]?.description).toBe(said);
  });

  it('tells events of the product by name, with the properties that were chosen', () => {
    const upgraded = event('plan_upgraded', 0, {
      plan: 'team',
      seats: 5,
      trial: false,
      card: '4242',
    });
    expect(one(upgraded)).toBeUndefined();
    const custom = [{ name: 'plan_upgraded', properties: ['plan', 'seats', 'trial', 'missing'] }];
    expect(one(upgraded, { custom })?.actions[0]).toMatchObject({
      type: 'event',
      description: 'Plan upgraded (plan: team, seats: 5, trial: no) on the pricing page',
    });
    const all = one(upgraded, { all: true })?.actions[0]?.description;
    expect(all).toBe('Plan upgraded on the pricing page');
    expect(one(event('$feature_flag_called', 0), { all: true })).toBeUndefined();
  });

  it('keeps the titles of two tabs apart', () => {
    const by = translator();
    by.read(event('$pageview', 0, { title: 'Plans', $window_id: 'one' }));
    by.read(event('$pageview', 1, { title: 'Tarife', $window_id: 'two' }));
    const said = (window: string) =>
      by.read(
        event('$autocapture', 2, {
          $event_type: 'click',
          $window_id: window,
          $elements_chain: SAVE,
        }),
      )[0]?.actions[0]?.description;
    expect(said('one')).toBe('User clicked Save button on the Plans page');
    expect(said('two')).toBe('User clicked Save button on the Tarife page');
  });
});

describe('whatever an event says', () => {
  const long = 'x'.repeat(5_000);

  it('a node reads the action from an item as it is, however long the texts are', () => {
    const by = translator({ custom: [{ name: 'search', properties: [long, 'query'] }] });
    const events = [
      event('$pageview', 0, { title: long, $current_url: `https://app.example.com/${long}` }),
      event('$pageview', 1, { title: '', $current_url: '', $pathname: `/${long}` }),
      event('$screen', 2, { $screen_name: long }),
      event('search', 3, { [long]: long, query: long }),
    ];
    const batch = mergeBatches(events.flatMap((given) => by.read(given)));
    expect(parseFrame(batch, { productId: '', receivedAt: 0 }).batches).toEqual([batch]);
  });

  it.each<[string, string, Record<string, unknown>, string]>([
    [
      'a path that spells control characters',
      '$pageview',
      { $pathname: '/reset%0apassword%00' },
      'User opened the reset password page',
    ],
    [
      'a screen of several lines',
      '$screen',
      { $screen_name: 'Check\u202e\nout' },
      'User opened the Check out screen',
    ],
    [
      'a label that is cut within an emoji',
      '$rageclick',
      { $el_text: '👩‍👩‍👧'.repeat(30) },
      `User clicked ${'👩‍👩‍👧'.repeat(14)}👩‍👩… several times in a row on the pricing page`,
    ],
    ['a name of dashes', '$pageview', { $pathname: '/a -- b' }, 'User opened the a b page'],
    ['a name that is invisible', '\u200b', {}, 'Event on the pricing page'],
  ])('the sentence is one line of what is visible: %s', (_what, name, properties, said) => {
    expect(one(event(name, 0, properties), { all: true })!.actions[0]!.description).toBe(said);
  });

  it('one that comes twice without a uuid is told once', () => {
    const twice = event('$screen', 0, { $screen_name: 'Checkout' }, { uuid: '' });
    expect(told(translator(), [twice, twice])).toEqual(['User opened the Checkout screen']);
  });
});

describe('signals take the place of the clicks that they repeat', () => {
  it('clicks in a row', () => {
    const said = 'User clicked Save button several times in a row on the Pricing page';
    expect(told(translator(), [view(0), click(5), click(5.2), rage(5.39), click(5.4)])).toEqual([
      'User opened the Pricing page',
      said,
    ]);
  });

  it('clicks in a row of which some were told before', () => {
    const by = translator();
    expect(told(by, [click(5), click(5.2)])).toHaveLength(2);
    expect(told(by, [rage(5.39), click(5.4)])).toEqual([
      'User clicked Save button several times in a row on the pricing page',
    ]);
  });

  it('a click after which nothing happened', () => {
    const said = 'User clicked Save button on the pricing page, and nothing happened';
    expect(told(translator(), [click(5), dead(5)])).toEqual([said]);
    // Not yet told, whichever came first.
    expect(told(translator(), [dead(5), click(5.001)])).toEqual([said]);
  });

  it('says only what is new if the click was told before', () => {
    const by = translator();
    told(by, [click(5)]);
    expect(told(by, [dead(5)])).toEqual([
      'Nothing happened after the user clicked Save button on the pricing page',
    ]);
    // They try it again and again.
    expect(told(by, [click(7), dead(7)])).toEqual([]);
  });

  it('is known to be told after one that was delivered late', () => {
    const by = translator();
    told(by, [click(200)]);
    told(by, [click(60)]);
    expect(told(by, [dead(200)])).toEqual([
      'Nothing happened after the user clicked Save button on the pricing page',
    ]);
  });

  it('is told once for dead clicks in a row', () => {
    const events = [click(5), click(5.2), rage(5.39), click(5.4), dead(5), dead(5.2), dead(5.4)];
    expect(told(translator(), events)).toEqual([
      'User clicked Save button several times in a row on the pricing page, and nothing happened',
    ]);
  });

  it('knows a dead click by a clock that is off, which other events show', () => {
    for (const off of [-3 * 3_600, -2, 2, 3 * 3_600]) {
      const own = (seconds: number) => ({ $time: START / 1_000 + seconds + off });
      const by = translator();
      const one = { ...click(5), properties: { ...click(5).properties, ...own(5) } };
      const two = { ...dead(5 + off), properties: { ...dead(5).properties, ...own(8) } };
      expect(told(by, [one, two])).toEqual([
        'User clicked Save button on the pricing page, and nothing happened',
      ]);
    }
  });

  it('tells dead clicks again after a while', () => {
    const by = translator();
    const all = Array.from({ length: 40 }, (_, i) => told(by, [click(9 * i), dead(9 * i)]).length);
    expect(all.reduce((sum, one) => sum + one)).toBe(20);
  });

  it('are told once though the button looks different with each click', () => {
    const looks = ['btn', 'btn.active', 'btn.loading'].map(
      (look) => `button.${look}:attr__class="${look}"nth-child="2"text="Save"`,
    );
    const clicks = looks.map((chain, i) => click(5 + i / 10, chain));
    expect(told(translator(), [...clicks, rage(5.2)])).toHaveLength(1);
  });

  it('are the same when events are read again, because the memory failed', () => {
    const by = createTranslator({
      project: () => project,
      events: { custom: [], all: false },
      clock: { now: () => NOW },
      skipsRepeated: false,
    });
    const events = [click(5), dead(5)];
    const first = events.flatMap((one) => by.read(one));
    const again = () => by.settle(mergeBatches(events.flatMap((one) => by.read(one))))?.actions;
    expect(by.settle(mergeBatches(first))?.actions).toEqual(again());
  });

  it('leaves other clicks', () => {
    const other = 'button:text="Cancel"';
    expect(told(translator(), [click(1), click(5, other), click(5.1), rage(5.39)])).toEqual([
      'User clicked Save button on the pricing page',
      'User clicked Cancel button on the pricing page',
      'User clicked Save button several times in a row on the pricing page',
    ]);
  });

  it('have a word of their own', () => {
    const signals = [rage(1), dead(1), event('$exception', 1)].map(
      (given) => one(given)?.actions[0]?.signal,
    );
    expect(signals).toEqual(['rage_click', 'dead_click', 'error']);
  });
});

describe('who acts', () => {
  const identified = { $is_identified: true };

  it.each<[string, PosthogEvent, object]>([
    ['a visitor who has not signed in', view(0), { user_id: null, email: null }],
    [
      'one who has',
      event('$pageview', 0, identified, { distinct_id: 'u_42' }),
      { user_id: 'u_42', email: null },
    ],
    [
      'one whose id is an address',
      event('$pageview', 0, identified, { distinct_id: 'ann@example.com' }),
      { user_id: 'ann@example.com', email: 'ann@example.com' },
    ],
    [
      'one whose id looks like an anonymous one',
      event('$pageview', 0, { ...identified, $device_id: 'd' }, { distinct_id: A }),
      { user_id: A, signed_in: true },
    ],
    ['a device', event('$pageview', 0, identified), { user_id: null }],
    [
      'an app that does not say it',
      event('$screen', 0, { $is_identified: undefined }, { distinct_id: 'u_42' }),
      { user_id: 'u_42' },
    ],
    [
      'a visitor without cookies',
      event(
        '$pageview',
        0,
        { $cookieless_mode: true, $is_identified: undefined },
        { distinct_id: 'cookieless_x' },
      ),
      { user_id: null },
    ],
    ...['undefined', '[object Object]', 'GUEST', '"null"', 'x'.repeat(401), 'a\0b'].map(
      (distinct_id): [string, PosthogEvent, object] => [
        `nobody: ${distinct_id.slice(0, 20)}`,
        event('$pageview', 0, identified, { distinct_id }),
        { user_id: null },
      ],
    ),
  ])('is %s', (_, given, who) => {
    expect(one(given)).toMatchObject(who);
  });

  it('is said by an identification, also by a batch without actions', () => {
    const by = translator();
    by.read(view(0));
    const signIn = event(
      '$identify',
      5,
      { $anon_distinct_id: A, ...identified },
      { distinct_id: 'u_42' },
    );
    const batches = by.read(signIn);
    expect(batches).toMatchObject([{ session_id: S, user_id: 'u_42', actions: [] }]);
    // It is news to the memory, alone or merged with another one.
    const item = mergeBatches([batches[0]!, { ...batches[0]!, user_id: 'u_42' }]);
    expect(parseFrame(by.settle(item), { productId: '', receivedAt: 0 }).batches).toMatchObject([
      { user_id: 'u_42', count: 0, signed_in: true },
    ]);
  });

  it('does not change back with what is delivered late', () => {
    const by = translator();
    const of = (distinct_id: string, seconds: number) =>
      event('$pageview', seconds, { ...identified, $device_id: 'd' }, { distinct_id });
    expect(by.read(of('u_1', 0))).toHaveLength(1);
    expect(by.read(of('u_2', 60))).toHaveLength(1);
    // Of somebody who has left: it is neither theirs any more nor the other person's.
    expect(by.read(of('u_1', 30))).toEqual([]);
    expect(by.skipped()).toEqual({ late: 1 });
    expect(by.read(of('u_1', 90))).toHaveLength(1);
  });

  it('is no new item if all clicks were told and nobody new is named', () => {
    const by = translator();
    const clicks = [click(5), click(5.2), rage(5.39)].map((one) => ({
      ...one,
      distinct_id: 'u_42',
      properties: { ...one.properties, ...identified, $device_id: 'd' },
    }));
    expect(told(by, clicks)).toHaveLength(1);
    const third = { ...clicks[0]!, uuid: 'third', at: START + 5_400 };
    const batches = by.read(third);
    expect(by.settle(mergeBatches(batches))).toBeUndefined();
  });

  it('has the address that a person was given', () => {
    const set = event(
      '$set',
      0,
      { ...identified, $set: { email: 'ann@example.com', plan: 'x' } },
      { distinct_id: 'u_42' },
    );
    expect(translator().read(set)).toMatchObject([{ email: 'ann@example.com', count: 0 }]);
    const wrong = event('$set', 0, { $set: { email: 'not one' } });
    expect(translator().read(wrong)).toEqual([]);
  });
});

describe('skips', () => {
  it.each<[string, PosthogEvent]>([
    ['no_session', event('$pageview', 0, { $session_id: undefined })],
    [
      'no_session',
      event('$pageview', 0, { $session_id: undefined }, { distinct_id: '$posthog_cookieless' }),
    ],
    ['bot', event('$pageview', 0, { $virt_is_bot: true })],
    ['bot', event('$pageview', 0, { $browser_type: 'bot' })],
    ['not_chosen', event('$web_vitals', 0)],
    ['not_chosen', event('$pageleave', 0)],
  ])('%s', (reason, given) => {
    const by = translator();
    expect(by.read(given)).toEqual([]);
    expect(by.skipped()).toEqual({ [reason]: 1 });
  });

  it('an event that came before', () => {
    const by = translator();
    const given = view(0);
    expect(by.read(given)).toHaveLength(1);
    expect(by.read(given)).toEqual([]);
    expect(by.skipped()).toEqual({ repeated: 1 });
  });
});

it('tells a visit as a real browser with posthog-js sent it', () => {
  const path = `${__dirname}/../../fixtures/posthog/browser.json`;
  const frames = JSON.parse(readFileSync(path, 'utf8')) as unknown[];
  const events = frames.map((frame) => readEvent(frame)!);
  const by = createTranslator({
    project: () => project,
    events: { custom: [{ name: 'plan upgraded', properties: ['plan', 'seats'] }], all: true },
    clock: { now: () => Math.max(...events.map(({ at }) => at ?? 0)) },
  });
  const item = by.settle(mergeBatches(events.flatMap((given) => by.read(given))))!;
  expect(item.user_id).toBe('71');
  expect(item.actions.map(({ description }) => description)).toEqual([
    'User opened the Northwind Boards: projects that move page',
    'User clicked Watch the tour button several times in a row on the Northwind Boards: projects that move page, and nothing happened',
    'User clicked Pricing link on the Northwind Boards: projects that move page',
    'User opened the Pricing page',
    'User clicked Yearly billing checkbox on the Pricing page',
    'User clicked Start "Pro" button on the Pricing page',
    'User clicked Start the plan Café & Co. button on the Pricing page',
    'User clicked Sign up link on the Pricing page',
    'User opened the Create your account page',
    'User changed Work email field on the Create your account page',
    'User changed Password field on the Create your account page',
    'User clicked Sign up button on the Create your account page',
    'User submitted signup form on the Create your account page',
    'Signed up on the Create your account page',
    'User opened the Dashboard page',
    'User clicked New board button on the Dashboard page',
    'User clicked Export link on the Dashboard page',
    'User opened the Export page',
    'User clicked Export button on the Export page',
    'User submitted report form on the Export page',
    'Export failed on the Export page',
    'User clicked Billing link on the Export page',
    'User opened the Settings › Billing page',
    'User clicked Upgrade to Team button on the Settings › Billing page',
    'Plan upgraded (plan: team, seats: 5) on the Settings › Billing page',
  ]);
});
