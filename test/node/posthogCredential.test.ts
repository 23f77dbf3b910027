import type { INodeCredentialTestResult } from 'n8n-workflow';
import { posthogActivityTest } from '../../nodes/PosthogActivityTrigger/credentialTest';
import { createPosthogPair, keys, type PosthogPair } from '../support/posthog';
import '../support/n8nCore';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

let pair: PosthogPair;
beforeEach(async () => void (pair = await createPosthogPair()));
afterEach(async () => {
  expect(pair.simulator.journal.violations).toEqual([]);
  await pair.simulator.close();
});

/** With the real context, whose only HTTP function is n8n's older `request`. */
async function test(fields: Record<string, string> = {}): Promise<INodeCredentialTestResult> {
  const { CredentialTestContext } = await import('n8n-core');
  const data = {
    region: 'custom',
    baseUrl: pair.url,
    personalApiKey: keys.both.value,
    projectId: '',
    ...fields,
  };
  const credential = { id: '1', name: 'Mine', type: 'posthogActivityApi', data };
  return await posthogActivityTest.call(new CredentialTestContext(), credential);
}
const refusing = (path: RegExp, status: number) =>
  pair.simulator.faults.add({
    match: { path },
    times: Infinity,
    effect: { kind: 'status', status, message: 'Not now' },
  });

it('a key with all scopes is right for both sources, and nothing was changed', async () => {
  expect(await test()).toEqual({
    status: 'OK',
    message: 'Project “Northwind Boards”: both sources work',
  });
  const asked = pair.simulator.journal.requests.map(({ method, path }) => `${method} ${path}`);
  expect(asked).toEqual([
    'GET /api/projects/@current/',
    'GET /livestream/stats',
    expect.stringMatching(/^PATCH .*\/hog_functions\/[0-]+\/$/),
  ]);
  expect(pair.projectApi.functions(7)).toEqual([]);
});

it('values are taken as they are copied', async () => {
  const copied = {
    personalApiKey: ` ${keys.both.value}\n`,
    baseUrl: ` ${pair.url}/ `,
    projectId: ' 8 ',
    signingSecret: ` ${SECRET}\n`,
  };
  expect(await test(copied)).toMatchObject({
    status: 'OK',
    message: expect.stringContaining('Southwind'),
  });
});

it.each([
  [
    'which may not write webhooks',
    keys.project.value,
    /Live Stream works\. Webhook does not: .*lacks the scope hog_function:write/,
  ],
  ['which may only read them', keys.reads.value, /add the scope hog_function:write/],
])('a key %s is right for the live stream, and the test names the scope', async (...given) => {
  const [, personalApiKey, message] = given;
  expect(await test({ personalApiKey })).toEqual({
    status: 'OK',
    message: expect.stringMatching(message),
  });
});

it('a live stream that does not answer leaves the webhook', async () => {
  refusing(/stats$/, 503);
  expect(await test()).toEqual({
    status: 'OK',
    message: expect.stringMatching(
      /Webhook works\. Live Stream does not: .*503.*check also Live URL/,
    ),
  });
  expect(await test({ liveUrl: 'http://127.0.0.1:9' })).toEqual({
    status: 'OK',
    message: expect.stringMatching(/Live Stream does not: .*ECONNREFUSED/),
  });
  expect(await test({ personalApiKey: keys.reads.value })).toEqual({
    status: 'Error',
    message: expect.stringMatching(/Live Stream does not work.*Webhook does not/),
  });
});

it('without a key, a secret is enough for a webhook by hand', async () => {
  expect(await test({ personalApiKey: '', signingSecret: SECRET })).toEqual({
    status: 'OK',
    message: expect.stringContaining('only a webhook that you set up by hand works'),
  });
  expect(pair.simulator.journal.requests).toEqual([]);
});

it.each<[string, Record<string, string>, RegExp]>([
  ['neither key nor secret', { personalApiKey: '' }, /neither.*Fill in Personal API Key/],
  ['the project’s own key', { personalApiKey: 'phc_northwind' }, /key of the project.*phx_/],
  ['a wrong key', { personalApiKey: 'phx_wrong' }, /401.*Check Personal API Key and Region/],
  ['a damaged key', { personalApiKey: 'phx_a…' }, /damaged\. Copy it again/],
  ['a key without a scope', { personalApiKey: keys.hooks.value }, /add the scope project:read/],
  ['a key of another project', { personalApiKey: keys.other.value }, /Fill in Project ID/],
  ['no such project', { projectId: '99' }, /404.*Check Project ID/],
  ['a name for a project', { projectId: 'Northwind' }, /no number\. Enter the number/],
  ['a short secret', { signingSecret: 'whsec_c2hvcnQ=' }, /Signing Secret is damaged.*24 bytes/],
  ['nobody there', { baseUrl: 'http://127.0.0.1:9' }, /ECONNREFUSED.*Check Region or Base URL/],
  ['an address that is none', { baseUrl: 'posthog.example.com' }, /no URL.*Correct Base URL/],
  ['another server', { region: 'custom', liveUrl: 'live' }, /Live URL.*no URL/],
])('says what to do about %s', async (_, fields, message) => {
  expect(await test(fields)).toEqual({
    status: 'Error',
    message: expect.stringMatching(message),
  });
});

it('a page instead of an answer is no PostHog', async () => {
  pair.simulator.faults.add({ match: { path: /./ }, effect: { kind: 'page' } });
  expect(await test()).toEqual({
    status: 'Error',
    message: expect.stringContaining('Check Region or Base URL'),
  });
});

it('too many calls are no fault of the credential, and the test says so', async () => {
  refusing(/projects/, 429);
  expect(await test()).toEqual({
    status: 'Error',
    message: expect.stringMatching(/asks to wait.*Wait, then try again/),
  });
});
