import { generateKeyPairSync, sign, type KeyPairKeyObjectResult } from 'node:crypto';
import { readUserToken, tokenKeyFault, type TokenRules } from '../../../core/agents/userToken';
import { NOW, token, TOKEN_SECRET } from '../../support/agents';

const rules: TokenRules = { algorithm: 'HS256', key: TOKEN_SECRET, audience: '' };
const exp = NOW / 1_000 + 3_600;
const read = (given: string, changed: Partial<TokenRules> = {}, now = NOW) =>
  readUserToken(given, { ...rules, ...changed }, now);

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

it('takes a token that another program made', async () => {
  const made =
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoidV80MiIsImV4cCI6NDEwMjQ0NDgwMH0.u6DZBMAOn8uWhTxC9zBksiCbK8ra_7FQPkGT0W1HMNQ';
  const key = 'example-secret';
  const end = 4_102_444_800_000;
  expect(await read(made, { key }, end - 60_000)).toEqual({ ok: true, userId: 'u_42' });
  expect(await read(made, { key }, end + 60_000)).toEqual({ ok: false, why: 'expired' });
  expect(await read(made, { key })).toEqual({ ok: false, why: 'lasts_too_long' });
});

it.each([
  [{ user_id: 'a', exp }, 'a'],
  [{ sub: 'b', exp }, 'b'],
  [{ user_id: 'a', sub: 'b', exp }, 'a'],
  [{ user_id: 42, exp }, '42'],
])('reads who %j is', async (claims, userId) => {
  expect(await read(token(claims))).toEqual({ ok: true, userId });
});

it.each<[string, string, string]>([
  ['no token', '', 'no_token'],
  ['no form of a token', 'abc', 'invalid_token'],
  ['another secret', token({ sub: 'a', exp }, 'another'), 'invalid_token'],
  ['no end', token({ sub: 'a' }), 'invalid_token'],
  ['a past end', token({ sub: 'a', exp: NOW / 1_000 - 60 }), 'expired'],
  ['a far end', token({ sub: 'a', exp: exp + 86_400 }), 'lasts_too_long'],
  ['a later beginning', token({ sub: 'a', exp, nbf: exp - 60 }), 'invalid_token'],
  ['nobody', token({ exp }), 'no_user'],
  ['a placeholder', token({ user_id: 'undefined', sub: 'a', exp }), 'no_user'],
  ['an object', token({ user_id: { id: 'a' }, exp }), 'no_user'],
  ['no signature', `${part({ alg: 'none' })}.${part({ sub: 'a', exp })}.`, 'invalid_token'],
  ['its own algorithm', token({ sub: 'a', exp }, TOKEN_SECRET, { alg: 'HS512' }), 'invalid_token'],
  [
    'what no reader knows',
    token({ sub: 'a', exp }, TOKEN_SECRET, { alg: 'HS256', crit: ['x'], x: 1 }),
    'invalid_token',
  ],
  ['ten thousand characters', 'a'.repeat(10_000), 'invalid_token'],
])('refuses a token with %s', async (_, given, why) => {
  expect(await read(given)).toEqual({ ok: false, why });
});

it('asks for the audience where one is set', async () => {
  const audience = 'n8n';
  expect(await read(token({ sub: 'a', exp, aud: ['x', 'n8n'] }), { audience })).toMatchObject({
    ok: true,
  });
  expect(await read(token({ sub: 'a', exp, aud: 'x' }), { audience })).toMatchObject({ ok: false });
  expect(await read(token({ sub: 'a', exp }), { audience })).toMatchObject({ ok: false });
});

describe.each<['RS256' | 'ES256', () => ReturnType<typeof pair>]>([
  ['RS256', () => pair(generateKeyPairSync('rsa', { modulusLength: 2048 }))],
  ['ES256', () => pair(generateKeyPairSync('ec', { namedCurve: 'P-256' }))],
])('%s', (algorithm, make) => {
  const { privateKey, pem } = make();
  const signed = `${part({ alg: algorithm })}.${part({ sub: 'a', exp })}`;
  const signature = sign('sha256', Buffer.from(signed), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  const good = `${signed}.${signature.toString('base64url')}`;

  it('takes what the private key signed, with the public key in one line', async () => {
    const key = pem.replaceAll('\n', ' ');
    expect(await tokenKeyFault({ algorithm, key, audience: '' })).toBeUndefined();
    expect(await read(good, { algorithm, key })).toEqual({ ok: true, userId: 'a' });
  });

  it('refuses a token that was signed with the public key as a secret', async () => {
    const forged = token({ sub: 'a', exp }, pem);
    expect(await read(forged, { algorithm, key: pem })).toMatchObject({ ok: false });
    const renamed = token({ sub: 'a', exp }, pem, { alg: algorithm });
    expect(await read(renamed, { algorithm, key: pem })).toMatchObject({ ok: false });
  });

  it('says that something else is no key', async () => {
    expect(await tokenKeyFault({ algorithm, key: 'x'.repeat(40), audience: '' })).toContain(
      algorithm,
    );
  });
});

it('says that a short RSA key is not accepted', async () => {
  const { pem } = pair(generateKeyPairSync('rsa', { modulusLength: 1_024 }));
  expect(await tokenKeyFault({ algorithm: 'RS256', key: pem, audience: '' })).toContain(
    '2048 bits',
  );
});

it('says that a short secret could be guessed', async () => {
  expect(await tokenKeyFault({ ...rules, key: 'x'.repeat(31) })).toContain('guessed');
  expect(await tokenKeyFault({ ...rules, key: 'x'.repeat(32) })).toBeUndefined();
});

function pair({ privateKey, publicKey }: KeyPairKeyObjectResult) {
  return { privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}
