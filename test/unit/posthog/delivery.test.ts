import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { areUsable, isFromPosthog, readDelivery } from '../../../core/posthog/delivery';

const read = (body: unknown) => readDelivery(Buffer.from(JSON.stringify(body)));
const event = {
  uuid: '01a0c44e-9b11-7000-8000-000000000001',
  event: '$autocapture',
  distinct_id: 'u_42',
  properties: { $session_id: 's', $ip: '203.0.113.9' },
  timestamp: '2026-09-21T14:13:20.000Z',
  elements_chain: 'button.btn:nth-child="1"',
  url: 'https://eu.posthog.com/project/7/events/01a0c44e/2026-09-21T14%3A13%3A20.000Z',
};
const person = {
  id: '01a0c44e-9740-7aaa-8bbb-0123456789ab',
  name: 'ann@example.com',
  properties: { email: 'ann@example.com' },
  url: 'https://eu.posthog.com/project/7/person/u_42',
};

it('a delivery of the default template is read', () => {
  expect(read({ event, person })).toEqual({
    uuid: event.uuid,
    event: '$autocapture',
    distinct_id: 'u_42',
    at: Date.UTC(2026, 8, 21, 14, 13, 20),
    properties: event.properties,
    elements_chain: event.elements_chain,
    email: 'ann@example.com',
    project_url: 'https://eu.posthog.com/project/7',
    project_id: '7',
  });
});

it('an event alone, as a template of one’s own may send it, is read as well', () => {
  expect(read(event)).toMatchObject({ event: '$autocapture', distinct_id: 'u_42', email: null });
});

it.each([
  ['a chain of its own', 'a:text="x"', { $elements_chain: 'b:text="y"' }, 'a:text="x"'],
  ['an empty one, as without ingestion', '', { $elements_chain: 'b:text="y"' }, 'b:text="y"'],
  ['none', undefined, {}, ''],
])('the elements chain of an event with %s', (_, elements_chain, properties, chain) => {
  expect(read({ event: { ...event, elements_chain, properties } })?.elements_chain).toBe(chain);
});

it.each([
  [{ email: ' ann@example.com ' }, 'ann@example.com'],
  [{ email: 'undefined' }, null],
  [{ email: 'ann' }, null],
  [{ email: '"ann" <ann@example.com>' }, null],
  [{ email: 'a b@example.com' }, null],
  [{ email: 'undefined@example.com' }, null],
  [{ email: `${'a'.repeat(600)}@example.com` }, null],
  [{ email: ['ann@example.com'] }, null],
  [undefined, null],
])('the person’s address, if it is one: %j', (properties, email) => {
  expect(read({ event, person: { ...person, properties } })?.email).toBe(email);
});

it.each([null, undefined, 'Ann', [], 7])('an event without a person (%j) has no address', (one) => {
  expect(read({ event, person: one })).toMatchObject({ event: '$autocapture', email: null });
});

it.each([
  ['2026-09-21T14:13:20.000Z', Date.UTC(2026, 8, 21, 14, 13, 20)],
  ['2026-09-21T16:13:20+02:00', Date.UTC(2026, 8, 21, 14, 13, 20)],
  ['2026-09-21 14:13:20.5', Date.UTC(2026, 8, 21, 14, 13, 20, 500)],
  ['2026-13-45T14:13:20Z', null],
  ['yesterday', null],
  ['2026', null],
  ['', null],
  [undefined, null],
  [1_789_999_990, null],
  [{}, null],
])('the time %j', (timestamp, at) => {
  expect(read({ event: { ...event, timestamp } })?.at).toBe(at);
});

it.each([
  ['https://ph.example.com/project/12/events/x', 'https://ph.example.com/project/12', '12'],
  ['https://ph.example.com/sub/project/12', 'https://ph.example.com/sub/project/12', '12'],
  ['http://localhost:8000/project/1/events/x?a=b', 'http://localhost:8000/project/1', '1'],
  ['https://ph.example.com/project/phc_x/events/x', null, null],
  ['javascript:alert(1)//project/7/', null, null],
  ['/project/7/events/x', null, null],
  [undefined, null, null],
  [{}, null, null],
])('the project of an event at %j', (url, project_url, project_id) => {
  expect(read({ event: { ...event, url } })).toMatchObject({ project_url, project_id });
});

it.each([
  ['no JSON', '{"event":'],
  ['no text', Buffer.from([0xff, 0x00])],
  ['nothing', ''],
  ['a list', '[]'],
  ['null', 'null'],
  ['a text', '"$pageview"'],
  ['an event without a name', '{"event":{"uuid":"x"}}'],
  ['a blank name', '{"event":{"event":"  "}}'],
  ['a name of another kind', '{"event":{"event":{"event":"x"}}}'],
  ['a name that no event has', JSON.stringify({ event: { event: 'x'.repeat(401) } })],
  ['nesting that no parser follows', `{"event":${'['.repeat(200_000)}`],
])('%s is no event', (_, body) => {
  expect(readDelivery(Buffer.from(body as string))).toBeUndefined();
});

it('a request without a body is no event', () => {
  expect(readDelivery(undefined)).toBeUndefined();
});

it('a body of any shape gives texts, times and ids, or nothing', () => {
  const odd = fc.anything({ maxDepth: 3, withNullPrototype: false });
  const hostile = fc.record(
    {
      uuid: odd,
      event: fc.oneof(odd, fc.constant('$pageview')),
      distinct_id: odd,
      properties: fc.oneof(odd, fc.record({ $elements_chain: odd })),
      timestamp: odd,
      elements_chain: odd,
      url: odd,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(hostile, fc.record({ event: hostile, person: odd })), (body) => {
      const json = JSON.stringify(body, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      const delivery = readDelivery(Buffer.from(json ?? ''));
      if (!delivery) return;
      const { uuid, event, distinct_id, at, properties, elements_chain, email } = delivery;
      for (const one of [uuid, event, distinct_id, elements_chain]) {
        expect(typeof one).toBe('string');
        expect(one.isWellFormed() && !one.includes('\0')).toBe(true);
      }
      expect(event).not.toBe('');
      expect(at === null || Number.isFinite(at)).toBe(true);
      expect(Object.prototype.toString.call(properties)).toBe('[object Object]');
      expect(email === null || email.includes('@')).toBe(true);
    }),
  );
});

describe('a delivery proves where it comes from', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
  const body = Buffer.from('{"event":{"event":"x"}}');
  const now = 1_790_000_000_000;
  const signed = (by: string) => ({
    'webhook-id': 'id',
    'webhook-timestamp': String(now / 1_000),
    'webhook-signature': new Webhook(by).sign('id', new Date(now), body.toString()),
  });
  const named = (value: unknown) => ({ 'x-n8n-secret': value });
  const both = { signing: [other, secret], header: ['word'] };

  it.each([
    ['by any of the signing secrets', signed(secret), both, true],
    ['by a header', named('word'), both, true],
    [
      'by a header although it is signed with another secret',
      { ...signed(`whsec_${Buffer.alloc(32).toString('base64')}`), ...named('word') },
      both,
      true,
    ],
    ['not by a wrong header', named('words'), both, false],
    ['not by a list of headers', named(['word']), both, false],
    ['not by nothing', {}, both, false],
    ['not by another secret', signed(secret), { signing: [other], header: [] }, false],
    ['not where no secret is known', signed(secret), { signing: [], header: [] }, false],
    ['not by an empty header', named(''), { signing: [''], header: ['', ' '] }, false],
  ])('%s', (_, headers, secrets, expected) => {
    expect(isFromPosthog(headers, body, secrets, now)).toBe(expected);
  });

  it('which is possible only with a usable secret', () => {
    expect(areUsable({ signing: [secret], header: [] })).toBe(true);
    expect(areUsable({ signing: [], header: ['word'] })).toBe(true);
    expect(areUsable({ signing: ['short', ''], header: [' '] })).toBe(false);
  });
});
