import type { IDataObject } from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { AutoplayContextServer } from '../../nodes/AutoplayContextServer/AutoplayContextServer.node';
import { openStorage } from '../../nodes/shared/memory/storage';
import { askByConnector } from '../../simulators/agents';
import { createIntercomSimulator, type DataConnector } from '../../simulators/intercom';
import { token, TOKEN_SECRET } from '../support/agents';
import { createHookNode, type HookNode, type HookNodeOptions } from '../support/hookNode';
import { action, batch, DAY_MS } from '../support/memory';
import { serveWebhook } from '../support/webhookServer';
import { manualClock } from '../unit/simulators/support';

const nodeType = new AutoplayContextServer();
const TEXT_TOKEN = 'a-long-token-for-intercom';
const context = { algorithm: 'HS256', tokenSecret: TOKEN_SECRET, token: TEXT_TOKEN };
const created = { whoAsks: 'fin', createConnector: true };

let clock: ReturnType<typeof manualClock>;
let intercom: ReturnType<typeof createIntercomSimulator>;
let url: string;
beforeEach(async () => {
  clock = manualClock();
  intercom = createIntercomSimulator({ accessToken: 'intercom-token', clock });
  ({ url } = await intercom.listen());
});
afterEach(async () => {
  expect(intercom.journal.violations).toEqual([]);
  await intercom.close();
});

async function nodeWith(
  parameters: HookNodeOptions['parameters'] = created,
  { intercomFields = {}, ...options }: Partial<HookNodeOptions> & { intercomFields?: object } = {},
): Promise<HookNode> {
  const access = { accessToken: 'intercom-token', region: 'custom', baseUrl: url };
  return await createHookNode(nodeType, {
    credential: context,
    credentials: { intercomConversationApi: { ...access, ...intercomFields } },
    parameters,
    typeVersion: 1.1,
    workflowName: 'Fin',
    ...options,
  });
}

const all = () => intercom.connectors.all();
const sent = () => intercom.journal.requests.map(({ method }) => method);
const one = (): DataConnector => {
  expect(all()).toHaveLength(1);
  return all()[0]!;
};
const fails = (status: number, code: string) =>
  intercom.faults.add({
    match: { path: /^\/data_connectors/ },
    times: Infinity,
    effect: { kind: 'status', status, code, message: 'Not you' },
  });

describe('publishing', () => {
  it.each([
    ['userToken', []],
    ['fixedSecret', [{ name: 'user_id', required: true }]],
  ])('with %s makes a draft that asks the production URL', async (identity, inputs) => {
    const node = await nodeWith({ ...created, identity });
    await node.publish();
    expect(one()).toMatchObject({
      name: 'Visitor activity (n8n: Fin)',
      state: 'draft',
      http_method: 'post',
      url: 'https://n8n.example.com/webhook/4e1f/webhook',
      data_inputs: inputs,
      direct_fin_usage: true,
      mock_response: { found: true },
    });
    expect(node.kept()).toEqual({
      connectorId: one().id,
      url: node.url,
      writtenAt: clock.now(),
    });
    expect(node.warned).toEqual([]);
  });

  it('sends no secret', async () => {
    await (await nodeWith({ ...created, identity: 'fixedSecret' })).publish();
    const bodies = JSON.stringify(intercom.journal.requests.map(({ body }) => body));
    expect(bodies).not.toContain(TEXT_TOKEN);
    expect(bodies).not.toContain(TOKEN_SECRET);
  });

  it('again finds it, also after n8n lost what it kept', async () => {
    const node = await nodeWith();
    await node.publish();
    await node.publish('update');
    await (await nodeWith()).publish();
    one();
  });

  it.each<[string, HookNodeOptions['parameters']]>([
    ['it is switched off', { whoAsks: 'fin' }],
    ['others than Fin ask', { ...created, whoAsks: 'agents' }],
  ])('calls nobody where %s', async (_, parameters) => {
    const node = await nodeWith(parameters);
    await node.publish();
    expect(await node.unpublish()).toBe(true);
    expect([sent(), node.kept()]).toEqual([[], {}]);
  });

  it('calls nobody where the credential cannot check who asks', async () => {
    const node = await nodeWith(created, { credential: { tokenSecret: 'short' } });
    await expect(node.publish()).rejects.toThrow('cannot check User tokens');
    expect(sent()).toEqual([]);
  });

  it('a test in the editor makes none, and its end leaves that of production alone', async () => {
    const node = await nodeWith();
    await node.publish('manual');
    expect(sent()).toEqual([]);
    await node.publish();
    const test = await nodeWith(created, {
      staticData: node.kept(),
      webhookBaseUrl: 'https://n8n.example.com/webhook-test',
    });
    intercom.journal.clear();
    await test.unpublish();
    expect(sent()).toEqual([]);
    await (
      await nodeWith(created, { webhookBaseUrl: 'https://n8n.example.com/webhook-test' })
    ).unpublish();
    one();
  });
});

describe('n8n starting', () => {
  it('calls nobody, and brings nothing back that a person deleted', async () => {
    const node = await nodeWith();
    await node.publish();
    intercom.connectors.remove(one().id);
    intercom.journal.clear();
    await node.publish('init');
    await node.publish('leadershipChange');
    expect(sent()).toEqual([]);
    await node.publish();
    one();
  });

  it('at another address gives the connector that address, and says so', async () => {
    const before = await nodeWith(created, { webhookBaseUrl: 'https://old.example.com/webhook' });
    await before.publish();
    intercom.connectors.edit(one().id, { state: 'live', description: 'Ours' });
    const node = await nodeWith(created, { staticData: before.kept() });
    await node.publish('init');
    expect(one()).toMatchObject({ url: node.url, state: 'live', description: 'Ours' });
    expect(node.warned).toEqual([
      expect.stringMatching(/Visitor activity.*still has to be set live/),
    ]);
    intercom.journal.clear();
    await node.publish('init');
    expect(sent()).toEqual([]);
  });

  it('goes on without an Intercom that refuses, and logs why', async () => {
    const node = await nodeWith();
    fails(401, 'token_unauthorized');
    await node.publish('init');
    expect(node.warned).toEqual([
      expect.stringMatching(/look after the data connector.*may not manage.*Developer Hub/s),
    ]);
    expect(all()).toEqual([]);
  });
});

describe('a failure of publishing', () => {
  it.each<[string, () => unknown, object, RegExp, RegExp]>([
    [
      'a token without the permission',
      () => fails(401, 'token_unauthorized'),
      {},
      /may not manage data connectors.*HTTP 401: Not you/,
      /read and write data connectors.*add the connector there by hand/,
    ],
    [
      'an app without the permission',
      () => fails(403, 'forbidden'),
      {},
      /may not manage data connectors/,
      /Developer Hub/,
    ],
    [
      'a wrong token',
      () => {},
      { accessToken: 'wrong' },
      /Intercom refused: Access Token Invalid/,
      /Check Access Token and Region/,
    ],
    [
      'an address without data connectors',
      () => fails(404, 'not_found'),
      {},
      /no data connectors here/,
      /Check Region and Base URL/,
    ],
    [
      'an Intercom that fails',
      () => fails(500, 'server_error'),
      {},
      /Intercom answered 500/,
      /no second one/,
    ],
    ['a damaged token', () => {}, { accessToken: 'a b' }, /Access Token.*damaged/, /Copy Access/],
  ])('%s: says what to do', async (_, prepare, intercomFields, message, description) => {
    const node = await nodeWith(created, { intercomFields });
    prepare();
    await expect(node.publish()).rejects.toMatchObject({
      message: expect.stringMatching(message),
      description: expect.stringMatching(description),
    });
    expect(node.kept()).toEqual({});
  });

  it('an n8n that Intercom cannot reach makes no connector', async () => {
    const node = await nodeWith(created, {
      webhookBaseUrl: 'http://localhost:5678/webhook',
      intercomFields: { region: 'us' },
    });
    await expect(node.publish()).rejects.toMatchObject({
      message: 'Intercom cannot reach this n8n at http://localhost:5678',
      description: expect.stringContaining('WEBHOOK_URL'),
    });
  });
});

describe('unpublishing', () => {
  it('deletes the draft, once', async () => {
    const node = await nodeWith();
    await node.publish();
    expect(await node.unpublish()).toBe(true);
    expect([all(), node.kept()]).toEqual([[], {}]);
  });

  it('deletes what a publishing that failed has made, of which n8n has kept nothing', async () => {
    await (await nodeWith()).publish();
    await (await nodeWith()).unpublish();
    expect(all()).toEqual([]);
  });

  it.each<[string, (id: string) => unknown]>([
    ['live', (id) => intercom.connectors.edit(id, { state: 'live' })],
    ['in use', (id) => intercom.connectors.use(id, true)],
    [
      'a draft with a token of a person',
      (id) => intercom.connectors.edit(id, { token_ids: ['1'] }),
    ],
  ])('leaves one that is %s without a word, and publishing again finds it', async (_, by) => {
    const node = await nodeWith();
    await node.publish();
    clock.advance(60_000);
    by(one().id);
    const before = structuredClone(one());
    // n8n unpublishes before each publishing.
    expect(await node.unpublish()).toBe(true);
    expect(node.kept().connectorId).toBe(before.id);
    await node.publish('update');
    expect([one(), node.warned]).toEqual([before, []]);
  });

  it('is not held up by an Intercom that is away, and says what is left to do', async () => {
    const node = await nodeWith();
    await node.publish();
    const before = { ...node.kept() };
    const mend = fails(403, 'forbidden');
    expect(await node.unpublish()).toBe(false);
    expect(node.warned).toEqual([expect.stringMatching(/Delete it in Intercom.*may not manage/s)]);
    expect(node.kept()).toEqual(before);
    mend();
    await node.unpublish();
    expect(all()).toEqual([]);
  });
});

it.each<[string, string, { inputs?: Record<string, string>; bearer(): string }]>([
  [
    'with a User token',
    'userToken',
    { bearer: () => token({ user_id: 'ann', exp: Date.now() / 1_000 + 600 }) },
  ],
  ['with a fixed secret', 'fixedSecret', { inputs: { user_id: 'ann' }, bearer: () => TEXT_TOKEN }],
])('Fin by the connector, %s, gets each field of the sample', async (_, identity, asking) => {
  const memory = openStorage({ getNode: () => ({}) as never }, { storage: 'sqlite' });
  const did = action('ann clicked Save', { timestamp_start: Date.now() / 1_000 - 30 });
  await memory.remember('workflow:w', [batch('s-ann', [did], { user_id: 'ann' })], DAY_MS);
  const parameters = { ...created, identity };
  await (await nodeWith(parameters)).publish();
  const options = { credential: context as IDataObject, parameters, typeVersion: 1.1 };
  const server = await serveWebhook(nodeType, () => options);
  const connector = { ...one(), url: server.url };
  const { inputs } = asking;
  const authentication = { Authorization: `Bearer ${asking.bearer()}` };
  const run = await askByConnector(
    connector,
    { ...(inputs && { inputs }), authentication },
    systemClock,
  );
  await server.close();
  expect(run).toMatchObject({
    status: 200,
    missing: [],
    values: { found: true, last_actions: expect.stringContaining('ann clicked Save') },
  });
});
