import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { mergeBatches } from '../../../core/payload/merge';
import { parseFrame } from '../../../core/payload/parse';
import type { SessionBatch } from '../../../core/payload/types';
import { readChain, readElementList } from '../../../core/posthog/elements';
import { readEvent, readStreamEvent } from '../../../core/posthog/events';
import { pageName, thePage } from '../../../core/posthog/pages';
import { addressIn, whoIn } from '../../../core/posthog/people';
import { targetOf } from '../../../core/posthog/target';
import { STANDARD_EVENTS } from '../../../core/posthog/describe';
import { createTranslator } from '../../../core/posthog/translator';
import type { PosthogEvent } from '../../../core/posthog/types';
import { customEvent, errorText } from '../../../core/posthog/wording';
import { describeAction } from '../../../core/text/lines';
import { oneLine, visible } from '../../../core/text/visible';
import { toChain } from '../../../simulators/posthog/sdk/elementsChain';
import { hostileRecord, hostileText, hostileValue } from '../arbitraries';
import { mutated } from '../mutate';
import { strictnessFault } from '../strictness';
import { must, type Target } from '../target';

const NOW = Date.parse('2026-09-21T15:00:00Z');
const DEFAULTS = { productId: 'other', receivedAt: NOW / 1_000 };
const PROJECT = { id: '7', url: 'https://eu.posthog.com/project/7' };

/** What chains are made of, and what almost fits. */
const CHAIN_PIECES = [
  ...['a', 'button', '.btn', '.', ':', ';', '=', '"', '="', '\\', '\\"', 'nth-child="1"', 'text="'],
  ...['href="/x?a=b"', 'attr__aria-label="Save"', 'attr__role="__proto__"', ' ', '\n', 'svg', 'é'],
];
const chain = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(fc.constantFrom(...CHAIN_PIECES), { maxLength: 40 })
      .map((all) => all.join('')),
  },
  { weight: 2, arbitrary: hostileText },
  { weight: 1, arbitrary: fc.tuple(hostileText, hostileText).map(([a, b]) => `a:text="${a}"${b}`) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.constantFrom(...CHAIN_PIECES), { minLength: 1, maxLength: 4 })
      .map((all) => all.join('').repeat(500)),
  },
);

function checkChain(given: string): void {
  const elements = readChain(given);
  must(elements.length <= 50, 'too many elements', given);
  let length = 0;
  for (const { tag, classes, attributes } of elements) {
    must(!/[A-Z.;]/.test(tag), 'this is no tag', [given, tag]);
    must(!classes.some((name) => name === '' || /[.;]/.test(name)), 'no class', [given, classes]);
    for (const [key, value] of attributes) {
      must(!key.includes('="') && given.includes(key), 'no key', [given, key]);
      length += key.length + value.length;
    }
    length += classes.join('').length;
  }
  must(length <= given.length, 'more than was given', given);
}

/** Quotes, separators and newlines; no backslash before a quote, which the form cannot tell from an escaped one. */
const value = fc
  .array(fc.constantFrom('a', 'Save', '"', ';', ':', '=', '="', '.', ' ', '\n', 'é', '\\a', '漢'), {
    minLength: 1,
    maxLength: 12,
  })
  .map((all) => all.join(''));
const listed = fc.record(
  {
    tag_name: fc.constantFrom('a', 'button', 'svg', 'my-element'),
    classes: fc.array(fc.constantFrom('btn', 'md:flex', 'text-3xl', 'b'), { maxLength: 3 }),
    $el_text: value,
    attr__href: value,
    attr__id: value,
    'attr__data-attr': value,
    nth_child: fc.nat(9),
    nth_of_type: fc.nat(9),
  },
  { requiredKeys: ['tag_name', 'classes', 'nth_child', 'nth_of_type'] },
);

const properties = fc.record(
  {
    $session_id: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('s1', 's2') },
      { weight: 1, arbitrary: hostileValue },
    ),
    $window_id: fc.constantFrom<unknown>('w1', 'w2', 7, null),
    $device_id: fc.constantFrom<unknown>('anonymous-1', 'x', null),
    $anon_distinct_id: fc.oneof(fc.constant<unknown>('anonymous-1'), hostileValue),
    $is_identified: fc.constantFrom<unknown>(true, false, undefined, 'yes'),
    $cookieless_mode: fc.constantFrom<unknown>(true, undefined),
    $current_url: fc.oneof(
      hostileText.map((text): unknown => `https://app.example/${text}`),
      hostileValue,
    ),
    $host: fc.oneof(fc.constant<unknown>('app.northwind.example'), hostileValue),
    $pathname: fc.oneof(
      hostileText.map((text): unknown => `/${text}`),
      fc.constantFrom<unknown>('/pricing', '/%00%0a%e2%80%8b', '/a%ff', '/%F0%9F%98%80'),
      hostileValue,
    ),
    title: hostileValue,
    $screen_name: hostileValue,
    $event_type: fc.oneof(fc.constantFrom<unknown>('click', 'change', 'submit'), hostileValue),
    $el_text: hostileValue,
    $elements_chain: fc.oneof(
      fc.constant<unknown>('button.btn:text="Save"'),
      chain.map((text): unknown => text),
      hostileValue,
    ),
    $elements: fc.oneof(
      fc
        .array(hostileRecord('tag_name', '$el_text', 'attr__class', 'classes', 'attr__role'), {
          maxLength: 3,
        })
        .map((all): unknown => all),
      hostileValue,
    ),
    $exception_list: fc.oneof(
      fc.array(hostileRecord('type', 'value'), { maxLength: 2 }).map((all): unknown => all),
      hostileValue,
    ),
    $exception_types: hostileValue,
    $set: fc.oneof(
      hostileText.map((text): unknown => ({ email: `${text}@b.example` })),
      hostileValue,
    ),
    $virt_is_bot: fc.constantFrom<unknown>(true, false, undefined, undefined, undefined),
    plan: hostileValue,
    __proto__: hostileValue,
  },
  { requiredKeys: ['$session_id'] },
);

const NEAR = ['14:59:58', '14:59:58.400', '14:59:59', '14:59:59.999', '15:00:30'];
/** An event that may be used, and of which anything may be odd. */
const event: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(
    fc.record(
      {
        uuid: fc.oneof(
          { weight: 6, arbitrary: fc.uuid().map((uuid): unknown => uuid) },
          { weight: 3, arbitrary: fc.constantFrom<unknown>('twice', '', undefined) },
          { weight: 1, arbitrary: hostileValue },
        ),
        distinct_id: fc.oneof(
          fc.constantFrom<unknown>('anonymous-1', 'u_42', 'ann@b.example', '$posthog_cookieless'),
          hostileValue,
        ),
        timestamp: fc.oneof(
          { weight: 4, arbitrary: fc.constantFrom(...NEAR).map((at) => `2026-09-21T${at}Z`) },
          { weight: 1, arbitrary: hostileValue },
        ),
        elements_chain: fc.option(chain, { nil: undefined }),
        $set: hostileValue,
      },
      { requiredKeys: ['uuid'] },
    ),
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<unknown>(...STANDARD_EVENTS, 'plan upgraded') },
      { weight: 1, arbitrary: hostileValue },
    ),
    fc.oneof({ weight: 20, arbitrary: properties }, { weight: 1, arbitrary: hostileValue }),
  )
  .map(([fields, name, given]) => ({ ...fields, event: name, properties: given }));

const WANTED = {
  custom: [{ name: 'plan upgraded', properties: ['plan', '__proto__', 'title', 'toString'] }],
  all: true,
};
const translator = () =>
  createTranslator({ events: WANTED, project: () => PROJECT, clock: { now: () => NOW } });

/** Checks that a batch is strictly what its type says, and that a node reads from an item just what it says. */
function checkBatch(batch: SessionBatch): void {
  const fault = strictnessFault(batch);
  must(fault === undefined, fault ?? '', batch);
  const again = parseFrame(JSON.parse(JSON.stringify(batch)), DEFAULTS);
  must(isDeepStrictEqual(again.batches, [batch]), 'a node reads something else', [batch, again]);
}

/** Reads the events, gathers what they make by session, and lets it out, as the trigger does. */
function checkEvents(events: readonly PosthogEvent[]): void {
  const { read, settle } = translator();
  const batches = events.flatMap((one) => read(one));
  batches.forEach(checkBatch);
  for (const some of Map.groupBy(batches, ({ session_id }) => session_id).values()) {
    const merged = mergeBatches(some);
    const settled = settle(merged);
    if (!settled) continue;
    checkBatch(settled);
    const ids = settled.actions.map(({ action_id }) => action_id);
    must(new Set(ids).size === ids.length, 'an action comes twice', ids);
    must(settled.actions.length <= merged.actions.length, 'an action of its own', settled);
    for (const action of settled.actions) {
      const said = describeAction(action);
      must(said !== '' && said.length <= 500, 'no words', action);
      must(visible(said) === said && oneLine(said) === said, 'invisible characters', action);
      must(oneLine(action.description) === action.description, 'more than a line', action);
    }
  }
}

const overWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? 'null');
const events = fc.array(event, { minLength: 1, maxLength: 6 });

export const posthogEventTargets: Target[] = [
  {
    name: 'PostHog chain: a text of any shape gives no more than it says, of at most 50 elements',
    share: 60,
    property: fc.property(chain, checkChain),
  },
  {
    name: 'PostHog chain: what is written into one is read from it, and from the list of elements alike',
    share: 20,
    property: fc.property(fc.array(listed, { minLength: 1, maxLength: 5 }), (elements) => {
      const read = readChain(toChain(elements));
      const byList = readElementList(elements);
      const plain = (all: typeof read) =>
        all.map(({ tag, classes, attributes }) => [
          tag,
          [...classes].sort(),
          // The chain has these by other names as well.
          [...attributes].filter(([key]) => !['attr__id', 'attr__href'].includes(key)).sort(),
        ]);
      must(isDeepStrictEqual(plain(read), plain(byList)), 'not what was written', [elements, read]);
    }),
  },
  {
    name: 'PostHog events: those of any shape make actions that every node reads as they are, each once',
    share: 60,
    property: fc.property(events, (all) =>
      checkEvents(all.flatMap((one) => readEvent(overWire(one)) ?? [])),
    ),
  },
  {
    name: 'PostHog events: a damaged frame makes actions that every node reads as they are, or none',
    share: 20,
    property: fc.property(mutated(event.map((one) => JSON.stringify(one))), (bytes) => {
      const read = readStreamEvent(bytes.toString('utf8'));
      if (read) checkEvents([read]);
      must(({} as { polluted?: unknown }).polluted === undefined, 'a prototype was changed');
    }),
  },
  {
    name: 'PostHog pages: titles and paths of any shape give a short name in one line',
    share: 10,
    property: fc.property(hostileText, hostileText, hostileText, (title, path, host) => {
      for (const encoded of [path, `/${encodeURIComponent(path.toWellFormed())}`, `/a/${path}`]) {
        const name = pageName(title, encoded, host);
        const byPath = pageName('', encoded, host);
        for (const one of [name, byPath, thePage(name || 'x')]) {
          must(one.length <= 90 && one.isWellFormed(), 'too long', [title, encoded, one]);
          must(oneLine(one) === one, 'invisible characters', [title, encoded, one]);
        }
      }
    }),
  },
];

const eventWith = (fields: Record<string, unknown>): PosthogEvent => ({
  ...{ uuid: 'u', event: '$identify', distinct_id: 'u_42', at: NOW, elements_chain: '' },
  ...{ properties: {}, email: null, ...fields },
});

/** What reads a text with regular expressions: see patterns.ts. */
export const posthogEventReaders = [
  {
    file: 'core/posthog/elements.ts',
    pieces: CHAIN_PIECES,
    read: (text: string) => [
      readChain(text),
      readElementList([{ tag_name: 'a', attr__class: text }]),
    ],
  },
  {
    file: 'core/posthog/events.ts',
    pieces: ['2026-09-21T', '14:11:21', '.', '1', 'Z', '+', ' ', ':', '\n'],
    read: (text: string) => readEvent({ event: 'x', timestamp: text, distinct_id: text }),
  },
  {
    file: 'core/posthog/pages.ts',
    pieces: [' | ', '|', ' ', ' - ', '-', 'a', '1', '/', '%20', '%', '/en', ':', '\n'],
    read: (text: string) => [pageName(text, text, text), pageName('', `/${text}`, 'a')],
  },
  {
    file: 'core/posthog/target.ts',
    pieces: ['aB', 'a', 'B', '_', '-', '.', ':', '/', ' ', '1'],
    read: (text: string) =>
      targetOf([{ tag: 'div', classes: [], attributes: new Map([['attr_id', text]]) }], ''),
  },
  {
    file: 'core/posthog/people.ts',
    pieces: ['a', '@', '.', 'b.c', ' ', '<', '\n', 'u@b.example'],
    read: (text: string) => [
      addressIn(text),
      whoIn(eventWith({ distinct_id: text, email: null, properties: { $anon_distinct_id: text } })),
    ],
  },
  {
    file: 'core/posthog/wording.ts',
    pieces: ['aB', '_', ' ', 'https://', '?', '#', 'a', '\n', '@', '&a='],
    read: (text: string) => [
      customEvent(text, { plan: text }, ['plan']),
      errorText({ $exception_list: [{ type: text, value: text }] }),
    ],
  },
];
