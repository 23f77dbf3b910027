import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import {
  hasStandardSignature,
  newSigningSecret,
  signingKey,
} from '../../../core/http/standardWebhooks';

const SECRET = 'whsec_bWFkZS11cCBrZXksIDI0KyBieXRlcywgZm9yIGEgdGVzdCBvbmx5';
const ID = '3f1c9a52-7d0e-4b8e-9a51-0c6d2e8f7b14';
const AT = 1_790_000_000;
const PLAIN = '{"event":{"event":"plan upgraded","distinct_id":"u_42"},"person":null}';
const SIGNATURE = 'v1,ekTSjel+kNH8cZBqVi/gop5Cr6ChXWt7B92tvRj8sKE=';

const headers = (signature: unknown, more: object = {}) => ({
  'webhook-id': ID,
  'webhook-timestamp': String(AT),
  'webhook-signature': signature,
  ...more,
});
const verify = (given: Record<string, unknown>, body = PLAIN, secret = SECRET, at = AT) =>
  hasStandardSignature(given, Buffer.from(body), secret, at * 1_000);

describe('published and computed vectors', () => {
  it.each([
    [PLAIN, SIGNATURE, {}, SECRET],
    [
      '{"event":{"event":"café","distinct_id":"u_42"},"person":null}',
      'v1,CvIwv+grTeu8cSAVnfmqP6LQIt57b3OZPBArzCCwlE8=',
      {},
      SECRET,
    ],
    [
      '{"test": 2432232314}',
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      { 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330' },
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    ],
  ])('%s', (body, signature, more, secret) => {
    const given = headers(signature, more);
    const at = Number(given['webhook-timestamp']);
    expect(verify(given, body, secret, at)).toBe(true);
    expect(verify(given, body, secret.replace('whsec_', ''), at)).toBe(true);
    expect(verify(given, body, ` ${secret}\n`, at)).toBe(true);
    expect(verify(given, `${body} `, secret, at)).toBe(false);
    expect(verify(given, body, newSigningSecret(randomBytes), at)).toBe(false);
  });
});

it('one right signature among several is enough, whatever else is there', () => {
  const wrong = SIGNATURE.replace('ek', 'eK');
  expect(verify(headers(`${wrong} v1a,abc ${SIGNATURE} v2,x`))).toBe(true);
  expect(verify(headers(`${wrong} ${wrong}`))).toBe(false);
  expect(verify(headers(SIGNATURE.replace('v1', 'v2')))).toBe(false);
  expect(verify(headers(SIGNATURE.slice(3)))).toBe(false);
  expect(verify(headers(`${'v1,x '.repeat(10_000)}${SIGNATURE}`))).toBe(false);
});

it('a delivery is accepted up to five minutes before and after its time', () => {
  const at = (seconds: number) => verify(headers(SIGNATURE), PLAIN, SECRET, AT + seconds);
  expect([-300, 0, 300].map(at)).toEqual([true, true, true]);
  expect([-301, 301, -AT, 1e9].map(at)).toEqual([false, false, false, false]);
});

it.each([
  ['none', ''],
  ['a prefix alone', 'whsec_'],
  ['a blank', '   '],
  ['one of 23 bytes', Buffer.alloc(23, 7).toString('base64')],
  ['no base64', `${SECRET}…`],
  ['a text of the right length', 'my secret that is long enough for a key'],
])('a secret that is %s accepts nothing, not even what is signed with it', (_, secret) => {
  expect(signingKey(secret)).toBeUndefined();
  for (const raw of ['', secret, secret.replace('whsec_', '')]) {
    const key = Buffer.from(raw, 'base64');
    if (key.length === 0) continue;
    const signer = new Webhook(key, { format: 'raw' });
    const signature = signer.sign(ID, new Date(AT * 1_000), PLAIN);
    expect(verify(headers(signature), PLAIN, secret)).toBe(false);
  }
});

it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])(
  'a delivery without a usable %s is refused',
  (name) => {
    for (const odd of [undefined, '', ['x'], 7, null, '-1', '1e9', ' 1790000000']) {
      expect(verify(headers(SIGNATURE, { [name]: odd }))).toBe(false);
    }
  },
);

it('a body that n8n gives no bytes of is refused', () => {
  expect(hasStandardSignature(headers(SIGNATURE), undefined, SECRET, AT * 1_000)).toBe(false);
});

describe('the library standardwebhooks', () => {
  const bytes = fc.uint8Array({ minLength: 24, maxLength: 64 });
  // An HMAC fills a key up with null bytes: with one at its end, two secrets could be the same key.
  const keys = bytes.map((key) => Buffer.from(key).fill(1, key.length - 1));
  const secrets = keys.map((key) => `whsec_${key.toString('base64')}`);
  const ids = fc.stringMatching(/^[\w.-]{1,40}$/);
  const bodies = fc.string({ unit: 'grapheme', maxLength: 200 });
  const times = fc.integer({ min: 0, max: 4_000_000_000 });

  it('signs what is accepted here, and only that', () => {
    fc.assert(
      fc.property(secrets, ids, bodies, times, bodies, secrets, (...given) => {
        const [secret, id, body, at, other, otherSecret] = given;
        const signature = new Webhook(secret).sign(id, new Date(at * 1_000), body);
        const named = headers(signature, { 'webhook-id': id, 'webhook-timestamp': String(at) });
        expect(verify(named, body, secret, at)).toBe(true);
        expect(verify(named, other, secret, at)).toBe(body === other);
        expect(verify(named, body, otherSecret, at)).toBe(secret === otherSecret);
        expect(verify({ ...named, 'webhook-id': `${id}x` }, body, secret, at)).toBe(false);
        const later = { ...named, 'webhook-timestamp': String(at + 1) };
        expect(verify(later, body, secret, at)).toBe(false);
      }),
    );
  });

  it('takes the secrets that are made here', () => {
    const secret = newSigningSecret(randomBytes);
    expect(signingKey(secret)).toHaveLength(32);
    const signature = new Webhook(secret).sign(ID, new Date(AT * 1_000), PLAIN);
    expect(verify(headers(signature), PLAIN, secret)).toBe(true);
    expect(newSigningSecret(randomBytes)).not.toBe(secret);
  });
});

it('bodies are compared as bytes, also where they are no text', () => {
  const body = Buffer.from([0xff, 0xfe, 0x00, 0x80]);
  const key = Buffer.alloc(32, 1);
  const secret = `whsec_${key.toString('base64')}`;
  const signed = new Webhook(secret).sign(ID, new Date(AT * 1_000), body.toString());
  // The library signs text: what it replaces is no longer what arrived.
  expect(hasStandardSignature(headers(signed), body, secret, AT * 1_000)).toBe(false);
});
