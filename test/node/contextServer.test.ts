import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { IDataObject } from 'n8n-workflow';
import type { Answer } from '../../core/agents/answer';
import { AutoplayContextServer } from '../../nodes/AutoplayContextServer/AutoplayContextServer.node';
import { autoplayContextTest } from '../../nodes/AutoplayContextServer/credentialTest';
import { openStorage } from '../../nodes/shared/memory/storage';
import { call, signed, token, HUGO_SECRET, TOKEN_SECRET, WEBSITE } from '../support/agents';
import { createHookNode } from '../support/hookNode';
import { action, batch, DAY_MS } from '../support/memory';
import { serveWebhook, type WebhookServer } from '../support/webhookServer';
import type { WebhookOptions } from '../support/webhookNode';

const node = new AutoplayContextServer();
const TEAM_TOKEN = 'a-long-token-of-the-team';
const CONVERSATION = '019a4c1e-6f0b-4c3e-9d55-2b1f0c7a8e21';
const team = { whoAsks: 'agents' };
const credential = {
  algorithm: 'HS256',
  tokenSecret: TOKEN_SECRET,
  signingSecret: HUGO_SECRET,
  websiteId: WEBSITE,
};
const withToken = { ...credential, token: TEAM_TOKEN };

let server: WebhookServer;
let options: WebhookOptions;
beforeAll(async () => {
  const memory = openStorage({ getNode: () => ({}) as never }, { storage: 'sqlite' });
  const now = Date.now() / 1_000;
  const visitor = (name: string) =>
    batch(`s-${name}`, [action(`${name} clicked Save`, { timestamp_start: now - 30 })], {
      user_id: name,
      email: `${name}@example.com`,
    });
  await memory.remember('workflow:w', [visitor('ann'), visitor('bob')], DAY_MS);
  const link = {
    chat: `crisp:${WEBSITE}`,
    conversation_id: `session_${CONVERSATION}`,
    session_id: 's-ann',
  };
  await memory.link('workflow:w', link, DAY_MS);
  server = await serveWebhook(node, () => options);
});
afterAll(async () => await server?.close());
beforeEach(() => {
  options = { credential: withToken, parameters: team, typeVersion: 1.1 };
  server.seen.length = 0;
  server.started.length = 0;
});

const bearer = { Authorization: `Bearer ${TEAM_TOKEN}` };
const textOf = (result: object) =>
  (result as { content: Array<{ text: string }> }).content[0]!.text;
const answerIn = (result: object) => JSON.parse(textOf(result)) as Answer;

describe('clients of MCP', () => {
  const url = () => new URL(server.url);
  const init = { requestInit: { headers: bearer } };

  it('of the SDK 1.x list and call the tool', async () => {
    const client = new ClientV1({ name: 'test', version: '1' });
    await client.connect(new TransportV1(url(), init));
    await client.ping();
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['visitor_activity']);
    const result = await client.callTool({
      name: 'visitor_activity',
      arguments: { user_id: 'bob' },
    });
    expect(answerIn(result)).toMatchObject({
      found: true,
      last_actions: expect.stringContaining('bob clicked Save'),
    });
    await expect(client.callTool({ name: 'other' })).rejects.toThrow('-32602');
    expect(server.seen).toContain('GET');
    await client.close();
  });

  it.each([
    ['2.x as it comes', {}, 'legacy'],
    ['2.x in auto mode', { mode: 'auto' as const }, 'modern'],
    ['2.x that takes the newest version only', { mode: { pin: '2026-07-28' } }, 'modern'],
  ])('%s list and call the tool', async (_, versionNegotiation, era) => {
    const client = new ClientV2({ name: 'test', version: '1' }, { versionNegotiation });
    await client.connect(new TransportV2(url(), init));
    expect(client.getProtocolEra()).toBe(era);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['visitor_activity']);
    const result = await client.callTool({
      name: 'visitor_activity',
      arguments: { email: 'ann@example.com' },
    });
    expect(answerIn(result).last_actions).toContain('ann clicked Save');
    const nobody = await client.callTool({ name: 'visitor_activity' });
    expect(nobody.isError).toBe(true);
    await client.close();
  });

  it('without the token are refused', async () => {
    const client = new ClientV1({ name: 'test', version: '1' });
    await expect(client.connect(new TransportV1(url()) as never)).rejects.toThrow();
    const modern = new ClientV2(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: 'auto' } },
    );
    await expect(modern.connect(new TransportV2(url()))).rejects.toThrow();
    expect(server.seen.filter((one) => one.includes('tools'))).toEqual([]);
  });
});

async function hugo(session?: string): Promise<{ status: number; result: object }> {
  const { headers, rawBody } = signed(call(), { now: Date.now(), ...(session && { session }) });
  const sent = { ...(headers as Record<string, string>), 'Content-Type': 'application/json' };
  const response = await fetch(server.url, {
    method: 'POST',
    headers: sent,
    body: new Uint8Array(rawBody),
  });
  const { result } = (await response.json()) as { result: object };
  return { status: response.status, result };
}

it('Hugo is told of the session that its conversation is linked to', async () => {
  options = { ...options, credential, parameters: { whoAsks: 'hugo' } };
  const { status, result } = await hugo(CONVERSATION);
  expect(status).toBe(200);
  expect(answerIn(result).last_actions).toMatch(/^[\d:]{8} ann clicked Save$/);
  const other = await hugo(CONVERSATION.replace('0', '1'));
  expect(answerIn(other.result).found).toBe(false);
});

it('Fin is told of the holder of the token, by GET and POST', async () => {
  options = { ...options, credential, parameters: { whoAsks: 'fin' } };
  const exp = Date.now() / 1_000 + 600;
  const Authorization = `Bearer ${token({ user_id: 'ann', exp })}`;
  const ask = async (init: object) =>
    (await (await fetch(`${server.url}?user_id=bob`, init)).json()) as Answer;
  for (const method of ['GET', 'POST']) {
    const answer = await ask({ method, headers: { Authorization } });
    expect(answer.last_actions).toContain('ann clicked Save');
  }
});

describe('what else arrives', () => {
  it.each([
    ['DELETE', 405],
    ['HEAD', 200],
  ])('%s is answered with %i', async (method, status) => {
    const response = await fetch(server.url, { method, headers: bearer });
    expect(response.status).toBe(status);
  });

  it('no cache keeps an answer', async () => {
    const response = await fetch(`${server.url}?user_id=ann`, { headers: bearer });
    expect(response.headers.get('Cache-Control')).toBe('no-store');
  });

  it('a credential that cannot be read is an outage, not an execution', async () => {
    options = { ...options, credential: new Error('gone') };
    expect((await fetch(server.url, { headers: bearer })).status).toBe(503);
    expect(server.started).toEqual([]);
  });

  it('nobody gets in where the credential is missing', async () => {
    options = { ...options, credential: null };
    expect((await fetch(server.url, { headers: { Authorization: 'Bearer ' } })).status).toBe(401);
  });
});

it('a question starts an execution only where that is wanted, a refusal never', async () => {
  const ask = async (name: string) =>
    await fetch(`${server.url}?user_id=${name}`, { headers: bearer });
  await ask('ann');
  expect(server.started).toEqual([]);
  options = { ...options, parameters: { ...team, startWorkflow: true } };
  await ask('ann');
  await ask('nobody-known');
  await fetch(server.url);
  expect(server.started).toMatchObject([
    {
      type: 'question',
      asker: 'agents',
      session_id: 's-ann',
      user_id: 'ann',
      answer: { found: true },
    },
    { type: 'question', session_id: null, answer: { found: false } },
  ]);
});

it('a test in the editor shows a question', async () => {
  options = { ...options, mode: 'manual' };
  await fetch(`${server.url}?user_id=ann`, { headers: bearer });
  expect(server.started).toMatchObject([{ session_id: 's-ann' }]);
});

describe('publishing', () => {
  const publish = async (parameters: IDataObject, given: IDataObject | null) => {
    const hook = await createHookNode(node, { credential: given, parameters: parameters as never });
    await hook.publish();
  };

  it.each([
    ['fin', {}, withToken],
    ['fin', { identity: 'fixedSecret' }, withToken],
    ['hugo', {}, credential],
    ['agents', {}, withToken],
  ])('%s with %j works', async (whoAsks, more, given) => {
    await expect(publish({ whoAsks, ...more }, given)).resolves.toBeUndefined();
  });

  it.each<[string, object, IDataObject | null, string]>([
    ['fin', {}, null, 'cannot check User tokens'],
    ['fin', {}, { tokenSecret: 'short' }, 'cannot check User tokens'],
    ['fin', {}, { algorithm: 'RS256', publicKey: 'no key' }, 'cannot check User tokens'],
    ['fin', { identity: 'fixedSecret' }, credential, 'no Secret Token'],
    ['hugo', {}, { websiteId: WEBSITE }, 'no Signing Secret'],
    ['hugo', {}, { signingSecret: HUGO_SECRET }, 'no Website ID'],
    ['agents', {}, credential, 'no Secret Token'],
    ['agents', {}, { token: 'short' }, 'could be guessed'],
  ])('%s with %j refuses %j', async (whoAsks, more, given, message) => {
    await expect(publish({ whoAsks, ...more }, given)).rejects.toThrow(message);
  });
});

describe('the test of the credential', () => {
  // It calls nobody.
  const NO_HELPERS = { helpers: {} } as never;

  const check = async (data: IDataObject) =>
    await autoplayContextTest.call(NO_HELPERS, { id: '1', name: 'c', type: 'c', data } as never);

  it.each<[IDataObject]>([
    [{ token: TEAM_TOKEN }],
    [{ tokenSecret: TOKEN_SECRET }],
    [{ signingSecret: HUGO_SECRET, websiteId: WEBSITE }],
  ])('passes with %j', async (data) => {
    expect(await check(data)).toMatchObject({ status: 'OK' });
  });

  it.each<[IDataObject]>([
    [{}],
    [{ token: 'short' }],
    [{ signingSecret: HUGO_SECRET }],
    [{ algorithm: 'ES256', tokenSecret: TOKEN_SECRET }],
  ])('fails with %j', async (data) => {
    expect(await check(data)).toMatchObject({ status: 'Error' });
  });
});
