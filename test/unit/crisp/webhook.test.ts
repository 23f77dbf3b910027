import { createHmac } from 'node:crypto';
import { parse } from 'node:querystring';
import fc from 'fast-check';
import { eventKey, isFromCrisp, readCrispEvent } from '../../../core/crisp/webhook';

const secret = 'hook secret';
const now = 1_700_000_000_000;
const raw = Buffer.from('{"event":  "message:send", "ü": 1}');
const sign = (timestamp: string | number = now, body = raw, key = secret) =>
  createHmac('sha256', key)
    .update(Buffer.concat([Buffer.from(`[${timestamp};`), body, Buffer.from(']')]))
    .digest('hex');
const signed = (timestamp: string | number = now, signature = sign(timestamp)) => ({
  headers: { 'x-crisp-request-timestamp': String(timestamp), 'x-crisp-signature': signature },
  query: {},
  rawBody: raw,
});
const keyed = (key: unknown) => ({ headers: {}, query: { key }, rawBody: raw });

describe('a Plugin Hook', () => {
  it('is accepted with a signature over the raw body and a recent time', () => {
    expect(isFromCrisp(signed(), secret, now)).toBe(true);
    expect(isFromCrisp(signed(now - 4 * 60_000), secret, now)).toBe(true);
  });

  it('may give its time in seconds', () => {
    expect(isFromCrisp(signed(now / 1_000), secret, now)).toBe(true);
  });

  it.each([
    ['is made with another secret', signed(now, sign(now, raw, 'other'))],
    ['belongs to another body', signed(now, sign(now, Buffer.from('{}')))],
    ['belongs to another time', signed(now, sign(now - 1))],
    ['is old, as of a replayed request', signed(now - 6 * 60_000)],
    ['is from the future', signed(now + 6 * 60_000)],
    ['has no time', signed('')],
    ['has a time that is none', signed('yesterday')],
    ['is not ASCII', signed(now, 'ü'.repeat(64))],
    ['comes without a body', { ...signed(), rawBody: undefined }],
    [
      'comes twice',
      { ...signed(), headers: { ...signed().headers, 'x-crisp-signature': [sign(), sign()] } },
    ],
    ['is empty, although the URL has the key', { ...signed(now, ''), query: { key: secret } }],
  ])('is refused when its signature %s', (_, delivery) => {
    expect(isFromCrisp(delivery, secret, now)).toBe(false);
  });
});

describe('a Website Hook', () => {
  it('is accepted with the secret as the key of its URL', () => {
    expect(isFromCrisp(keyed(secret), secret, now)).toBe(true);
  });

  // As express reads a query.
  const asked = (url: string) => {
    const query = parse(url.split('?')[1] ?? '');
    return { headers: {}, query, url, rawBody: raw };
  };
  const awkward = ['a+b', 'a&b', 'a%b', '100%25', 'a%2Bb', 'a=b&key=c', '+&%', 'ü 1', 'a?key=b'];
  it.each(awkward)('is accepted with the secret %j, as it is or encoded for a URL', (odd) => {
    for (const key of [odd, encodeURIComponent(odd), String(new URLSearchParams({ key: odd }))]) {
      const url = key.startsWith('key=') ? `/webhook/1?${key}` : `/webhook/1?key=${key}`;
      expect(isFromCrisp(asked(url), odd, now)).toBe(true);
    }
    expect(isFromCrisp(asked(`/webhook/1?a=b&key=${encodeURIComponent(odd)}&c=d`), odd, now)).toBe(
      true,
    );
  });

  it.each(['/webhook/1', '/webhook/1?key=', '/webhook/1?key=a', '/webhook/1?other=a+b', '/a+b'])(
    'is refused with %j where the secret is another',
    (url) => {
      expect(isFromCrisp(asked(url), 'a+b', now)).toBe(false);
    },
  );

  it.each([[undefined], [''], ['hook'], ['hook secret '], [[secret]], [[secret, secret]], [{}]])(
    'is refused with the key %j',
    (key) => {
      expect(isFromCrisp(keyed(key), secret, now)).toBe(false);
    },
  );
});

it('no hook is accepted without a configured secret', () => {
  expect(isFromCrisp(keyed(''), '', now)).toBe(false);
  expect(isFromCrisp(signed(now, sign(now, raw, '')), '', now)).toBe(false);
});

const hook = (data: object = {}, event = 'message:send') => ({
  website_id: 'w',
  event,
  timestamp: now,
  data: {
    website_id: 'w',
    session_id: 'session_1',
    type: 'text',
    content: 'Hey',
    from: 'user',
    origin: 'chat',
    timestamp: now - 5,
    fingerprint: 150698569649423,
    user: { nickname: 'Ada', user_id: 'session_1' },
    ...data,
  },
});

describe('reading a hook', () => {
  it('gives the author, the text and the conversation', () => {
    const { data, ...event } = readCrispEvent(hook())!;
    expect(data).toMatchObject({ origin: 'chat' });
    expect(event).toEqual({
      event: 'message:send',
      website_id: 'w',
      conversation_id: 'session_1',
      text: 'Hey',
      message_type: 'text',
      from: 'user',
      fingerprint: 150698569649423,
      automated: false,
      name: 'Ada',
      timestamp: now - 5,
    });
  });

  it('reads the choices of a picker as the visitor’s words', () => {
    const choices = [
      { value: 'a', label: 'Billing', selected: true },
      { value: 'b', label: 'Boards', selected: false },
    ];
    const content = { id: 'topic', text: 'What is it about?', choices };
    expect(readCrispEvent(hook({ type: 'picker', content }))?.text).toBe('Billing');
  });

  it.each([
    ['text', 'Edited', 'Edited'],
    ['picker', { id: 'p', text: '?', choices: [{ value: 'a', selected: true }] }, 'a'],
    ['field', { id: 'f', text: 'Your name?', explain: 'In full', value: 'Ada' }, 'Ada'],
    ['field', { id: 'f', text: 'Your name?', value: 'Ada' }, 'Ada'],
    [null, { text: 'Look', targets: [] }, ''],
  ])('recognises a change of a %s, whose hook names no type', (message_type, content, text) => {
    const data = { website_id: 'w', session_id: 'session_1', fingerprint: 5, content };
    const event = readCrispEvent({ event: 'message:updated', data, timestamp: now });
    expect(event).toMatchObject({ message_type, text, from: null, timestamp: now });
  });

  it('gives no message type to other events', () => {
    const event = readCrispEvent(hook({ type: undefined, content: 'x' }, 'session:set_data'));
    expect(event?.message_type).toBeNull();
  });

  it.each([[null], [[]], ['text'], [{}], [{ event: 'message:send' }], [hook({ session_id: '' })]])(
    'passes over %j',
    (body) => {
      expect(readCrispEvent(body)).toBeUndefined();
    },
  );

  it('survives any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (data, content) => {
        readCrispEvent({ event: 'message:send', data });
        const event = readCrispEvent(hook({ content, user: content, type: content }));
        expect(typeof event?.text).toBe('string');
      }),
    );
  });
});

describe('the key of an event', () => {
  const key = (data: object = {}, event?: string) => eventKey(readCrispEvent(hook(data, event))!);

  it('is the same when the event is delivered again', () => {
    expect(key()).toBe(key());
  });

  it.each([
    ['message', key({ fingerprint: 2 })],
    ['conversation', key({ session_id: 'session_2' })],
    ['event', key({}, 'message:received')],
  ])('differs for another %s', (_, other) => {
    expect(other).not.toBe(key());
  });

  it('differs for two changes of one message, and for two events without a message', () => {
    expect(key({ content: 'a' }, 'message:updated')).not.toBe(
      key({ content: 'b' }, 'message:updated'),
    );
    const data = { fingerprint: undefined, data: { plan: 'pro' } };
    expect(key(data, 'session:set_data')).not.toBe(
      key({ ...data, data: { plan: 'free' } }, 'session:set_data'),
    );
  });
});
