import type { ICredentialDataDecryptedObject, INodeCredentialTestResult } from 'n8n-workflow';
import { crispConversationTest } from '../../nodes/CrispConversation/credentialTest';
import { intercomConversationTest } from '../../nodes/IntercomConversation/credentialTest';
import { createCrispSimulator, type CrispSimulator } from '../../simulators/crisp';
import { createIntercomSimulator, type IntercomSimulator } from '../../simulators/intercom';
import '../support/n8nCore';

const NOWHERE = 'http://127.0.0.1:9';

type Test = typeof intercomConversationTest;

/** With the real context, whose only HTTP function is n8n's older `request`. */
async function run(
  test: Test,
  type: string,
  data: ICredentialDataDecryptedObject,
): Promise<INodeCredentialTestResult> {
  const { CredentialTestContext } = await import('n8n-core');
  return await test.call(new CredentialTestContext(), { id: '1', name: 'Mine', type, data });
}

describe('of Intercom', () => {
  let intercom: IntercomSimulator;
  let right: Record<string, string>;
  const test = (fields: Record<string, string> = {}) =>
    run(intercomConversationTest, 'intercomConversationApi', { ...right, ...fields });

  beforeEach(async () => {
    intercom = createIntercomSimulator({ accessToken: 'right' });
    const { url } = await intercom.listen();
    right = { accessToken: 'right', region: 'custom', baseUrl: url };
  });
  afterEach(() => intercom.close());

  it('is passed by a right token, once it was asked for all that the nodes read', async () => {
    expect(await test()).toMatchObject({ status: 'OK' });
    const asked = intercom.journal.requests.map(({ path }) => path);
    expect(asked).toEqual(['/me', '/admins', '/conversations']);
    expect(intercom.journal.violations).toEqual([]);
  });

  it('takes values as they are copied', async () => {
    const copied = { accessToken: ' right\n', baseUrl: ` ${right.baseUrl}/\n` };
    expect(await test(copied)).toMatchObject({ status: 'OK' });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['a wrong token', { accessToken: 'wrong' }, /401.*Check Access Token and Region/],
    ['a token that was cut', { accessToken: 'dG9rOjEy…' }, /is damaged\. Copy Access Token/],
    ['a token of two lines', { accessToken: 'dG9r\nOjEy' }, /is damaged\. Copy Access Token/],
    ['nobody there', { baseUrl: NOWHERE }, /ECONNREFUSED.*Check Base URL/],
    ['an address that is none', { baseUrl: 'localhost:4302' }, /no URL\. Correct Base URL/],
    ['no address', { baseUrl: '' }, /no URL\. Correct Base URL/],
  ])('says what to do about %s, at once', async (_what, fields, message) => {
    expect(await test(fields)).toEqual({
      status: 'Error',
      message: expect.stringMatching(message),
    });
    expect(intercom.journal.requests.length).toBeLessThan(2);
  });

  it.each([
    ['/admins', 401, 'token_unauthorized'],
    ['/admins', 403, 'forbidden'],
    ['/conversations', 401, 'token_unauthorized'],
  ])('says which permissions it takes where %s is refused (%s %s)', async (path, status, code) => {
    const effect = { kind: 'status' as const, status, code, message: 'Not authorized' };
    intercom.faults.add({ match: { path: new RegExp(`^${path}$`) }, effect });
    expect(await test()).toEqual({
      status: 'Error',
      message: expect.stringMatching(/lacks a permission.*read and write conversations/),
    });
  });

  it('is no test of what fails for another reason', async () => {
    const effect = { kind: 'status' as const, status: 429, retryAfter: 60 };
    intercom.faults.add({ match: { path: /^\/admins$/ }, effect });
    expect(await test()).toMatchObject({ status: 'OK' });
  });

  it('does not take a page or another address for Intercom', async () => {
    intercom.faults.add({ match: { path: /./ }, effect: { kind: 'page' } });
    expect(await test()).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('Check Base URL'),
    });
    const elsewhere = { baseUrl: `${right.baseUrl}/elsewhere` };
    expect(await test(elsewhere)).toMatchObject({
      status: 'Error',
      message: expect.stringMatching(/nothing at this address.*Check Base URL/),
    });
  });
});

describe('of Crisp', () => {
  const tokens = {
    website: { tier: 'website' as const, identifier: 'site', key: 'site-key' },
    plugin: { tier: 'plugin' as const, identifier: 'plugin', key: 'plugin-key' },
  };
  let crisp: CrispSimulator;
  let right: Record<string, string>;
  const test = (fields: Record<string, string> = {}) =>
    run(crispConversationTest, 'crispConversationApi', { ...right, ...fields });

  beforeEach(async () => {
    crisp = createCrispSimulator({ websiteId: 'w', tokens: Object.values(tokens) });
    const { url } = await crisp.listen();
    right = {
      websiteId: 'w',
      tier: 'website',
      tokenIdentifier: 'site',
      tokenKey: 'site-key',
      baseUrl: `${url}/v1`,
    };
  });
  afterEach(() => crisp.close());

  it.each(Object.values(tokens))('is passed by a right token: $tier', async (token) => {
    const { tier, identifier, key } = token;
    expect(await test({ tier, tokenIdentifier: identifier, tokenKey: key })).toMatchObject({
      status: 'OK',
    });
  });

  it('takes values as they are copied', async () => {
    const copied = Object.entries(right).map(([name, value]) => [name, ` ${value}\n`]);
    const result = await test({ ...Object.fromEntries(copied), baseUrl: ` ${right.baseUrl}/ ` });
    expect(result).toMatchObject({ status: 'OK' });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['a wrong key', { tokenKey: 'wrong' }, /401.*Check Token Tier, Token Identifier and Token Key/],
    ['another tier', { tier: 'plugin' }, /401.*Check Token Tier/],
    ['another website', { websiteId: 'other' }, /404.*Check Website ID/],
    ['nobody there', { baseUrl: `${NOWHERE}/v1` }, /ECONNREFUSED.*Base URL/],
    ['an address that is none', { baseUrl: 'api.crisp.chat/v1' }, /no URL\. Correct Base URL/],
  ])('says what to do about %s', async (_what, fields, message) => {
    expect(await test(fields)).toEqual({
      status: 'Error',
      message: expect.stringMatching(message),
    });
  });

  it('says that the version is missing from the address', async () => {
    expect(await test({ baseUrl: right.baseUrl!.replace('/v1', '') })).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('ends in /v1'),
    });
  });

  it('says which scopes it takes', async () => {
    const effect = { kind: 'status' as const, status: 403, code: 'not_allowed' };
    crisp.faults.add({ match: { path: /conversations/ }, effect });
    expect(await test()).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('website:conversation:sessions'),
    });
  });
});
