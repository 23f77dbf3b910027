import { createServer } from 'node:http';
import type { IDataObject, INodeType } from 'n8n-workflow';
import { isFromPosthog, readDelivery } from '../../core/posthog/delivery';
import {
  registeredInPosthog,
  secretsOf,
  type Wanted,
} from '../../nodes/PosthogActivityTrigger/register';
import { PosthogActivityTrigger } from '../../nodes/PosthogActivityTrigger/PosthogActivityTrigger.node';
import { closeServer, listenOn } from '../../simulators/http/listen';
import type { StoredFunction } from '../../simulators/posthog/api';
import { createHookNode, type HookNode, type HookNodeOptions } from '../support/hookNode';
import { createPosthogPair, keys, type PosthogPair } from '../support/posthog';
import { until } from '../support/until';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

let pair: PosthogPair;
let wanted: Wanted;
/** As much of the node as n8n needs to register its webhook. */
const nodeType = {
  description: {
    name: 'posthogActivityTrigger',
    credentials: [{ name: 'posthogActivityApi' }],
    webhooks: [{ name: 'default', httpMethod: 'POST', path: 'webhook' }],
    properties: [],
  },
  webhookMethods: registeredInPosthog(() => wanted),
} as unknown as INodeType;

const credential = (more: IDataObject = {}): IDataObject => ({
  region: 'custom',
  baseUrl: pair.url,
  personalApiKey: keys.both.value,
  projectId: '7',
  ...more,
});
const nodeWith = async (fields: IDataObject = {}, options: Partial<HookNodeOptions> = {}) =>
  await createHookNode(nodeType, { credential: credential(fields), ...options });

const start = async (options: Parameters<typeof createPosthogPair>[0] = {}) =>
  void (pair = await createPosthogPair(options));
beforeEach(async () => {
  wanted = { events: ['$pageview', '$autocapture'] };
  await start();
});
afterEach(async () => {
  expect(pair.simulator.journal.violations).toEqual([]);
  await pair.simulator.close();
});

const living = (projectId = 7) =>
  pair.projectApi.functions(projectId).filter(({ deleted }) => !deleted);
const away = () =>
  pair.simulator.faults.add({
    match: { path: /./ },
    times: Infinity,
    effect: { kind: 'status', status: 400, code: 'away', message: 'Not now' },
  });

describe('publishing', () => {
  it('makes a destination that posts to the production URL, and keeps what it needs', async () => {
    const node = await nodeWith();
    await node.publish();
    expect(node.url).toBe('https://n8n.example.com/webhook/4e1f/webhook');
    expect(living()).toMatchObject([
      {
        name: 'n8n: Chat',
        enabled: true,
        inputs: { url: { value: node.url }, signing_secret: { value: node.kept().signingSecret } },
      },
    ]);
    expect(node.kept()).toEqual({
      functionId: living()[0]!.id,
      projectId: '7',
      signingSecret: expect.stringMatching(/^whsec_/),
      signedWith: expect.any(String),
    });
    expect(node.warned).toEqual([]);
  });

  it('uses the credential’s secret, and keeps none then', async () => {
    const node = await nodeWith({ signingSecret: ` ${SECRET}\n` });
    await node.publish();
    expect(living()[0]!.inputs.signing_secret).toEqual({ value: SECRET });
    expect(JSON.stringify(node.kept())).not.toContain(SECRET.slice(6));
  });

  it('twice makes one destination, and the second time asks once', async () => {
    const node = await nodeWith();
    await node.publish();
    pair.simulator.journal.clear();
    await node.publish();
    expect(living()).toHaveLength(1);
    expect(pair.simulator.journal.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it('takes over other events', async () => {
    const node = await nodeWith();
    await node.publish();
    wanted = { events: ['signed up'] };
    await node.publish('update');
    expect(living()).toMatchObject([{ filters: { events: [{ id: 'signed up' }] } }]);
  });

  it('takes over another secret of the credential', async () => {
    const node = await nodeWith();
    await node.publish();
    node.setCredential(credential({ signingSecret: SECRET }));
    await node.publish();
    expect(living()).toMatchObject([{ inputs: { signing_secret: { value: SECRET } } }]);
  });

  it('finds its destination after n8n has lost what it kept', async () => {
    await (await nodeWith()).publish();
    const node = await nodeWith();
    await node.publish();
    expect(living()).toHaveLength(1);
    expect(living()[0]!.inputs.signing_secret).toEqual({ value: node.kept().signingSecret });
  });

  it('a test in the editor has a destination of its own, and leaves that of production alone', async () => {
    const node = await nodeWith();
    await node.publish();
    const production = structuredClone({ ...living()[0]!, project: 0 });
    const test = await nodeWith();
    await test.publish('manual');
    expect(living().map(({ inputs }) => inputs.url!.value)).toEqual([
      node.url,
      node.url.replace('/webhook/', '/webhook-test/'),
    ]);
    expect({ ...living()[0]!, project: 0 }).toEqual(production);
  });

  it('says where it made another destination, because the former one is elsewhere', async () => {
    const before = await nodeWith({}, { webhookBaseUrl: 'https://old.example.com/webhook' });
    await before.publish();
    const node = await nodeWith({}, { staticData: before.kept() });
    await node.publish();
    expect(living()).toHaveLength(2);
    expect(node.warned).toEqual([expect.stringContaining(String(before.kept().functionId))]);
  });
});

describe('the project', () => {
  it('without a Project ID is the one open in PostHog, also after its owner opens another', async () => {
    const node = await nodeWith({ projectId: '' });
    await node.publish();
    expect([living(7).length, node.kept().projectId]).toEqual([1, '7']);
    pair.projectApi.openProject(1, 8);
    await node.publish('init');
    expect([living(7).length, living(8).length]).toEqual([1, 0]);
    expect(await node.unpublish()).toBe(true);
    expect(living(7)).toEqual([]);
  });

  it('of another credential gets a destination of its own', async () => {
    const node = await nodeWith();
    await node.publish();
    pair.simulator.journal.clear();
    node.setCredential(credential({ projectId: '8' }));
    await node.publish();
    expect([living(8).length, node.kept().projectId]).toEqual([1, '8']);
    // It does not look there for what is in the other project, where a limited key would be refused.
    const asked = pair.simulator.journal.requests.map(({ path }) => path);
    expect(asked.every((path) => path.endsWith('/8/hog_functions/'))).toBe(true);
  });
});

describe('the trigger itself', () => {
  const trigger = new PosthogActivityTrigger();
  const published = async (parameters: HookNodeOptions['parameters']) => {
    const fields = credential({ signingSecret: SECRET });
    const options = { credential: fields, parameters, typeVersion: 1.1 };
    const node = await createHookNode(trigger, options);
    await node.publish();
    return node;
  };

  it('registers the events that it reads, and removes what it made', async () => {
    const custom = { events: [{ name: 'plan upgraded', properties: '' }] };
    const node = await published({ source: 'webhook', customEvents: custom });
    const [{ filters, inputs }] = living() as [StoredFunction];
    const names = (filters.events as Array<{ id: string }>).map(({ id }) => id);
    expect(names).toEqual(expect.arrayContaining(['$pageview', '$autocapture', 'plan upgraded']));
    expect(inputs.url).toEqual({ value: node.url });
    await node.unpublish();
    expect(living()).toEqual([]);
  });

  it.each([
    ['the source is the live stream', { source: 'stream' }],
    ['a person makes the destination', { source: 'webhook', registration: 'byHand' }],
  ])('registers nothing where %s', async (_, parameters) => {
    await published(parameters);
    expect(pair.simulator.journal.requests).toEqual([]);
  });
});

describe('unpublishing', () => {
  it('removes the destination', async () => {
    const node = await nodeWith();
    await node.publish();
    expect(await node.unpublish()).toBe(true);
    expect(living()).toEqual([]);
    expect(await node.unpublish()).toBe(true);
  });

  it('and publishing again, as n8n does for each change, keeps the conditions that people added', async () => {
    const node = await nodeWith();
    await node.publish();
    const { functionId, signingSecret } = node.kept();
    const filters = { ...living()[0]!.filters, properties: [{ key: 'plan', value: ['team'] }] };
    living()[0]!.filters = filters;
    await node.unpublish();
    await node.publish('update');
    expect(living()).toMatchObject([
      {
        id: functionId,
        enabled: true,
        filters: {
          properties: filters.properties,
          events: [{ id: '$pageview' }, { id: '$autocapture' }],
        },
        inputs: { signing_secret: { value: signingSecret } },
      },
    ]);
    expect(node.kept()).toMatchObject({ functionId, signingSecret });
    expect(node.kept()).not.toHaveProperty('removedId');
    expect(pair.projectApi.functions(7)).toHaveLength(1);
  });

  it('in another project, or of a PostHog that has forgotten it, makes a new one', async () => {
    const node = await nodeWith();
    await node.publish();
    await node.unpublish();
    node.setCredential(credential({ projectId: '8' }));
    await node.publish();
    expect([living(7).length, living(8).length]).toEqual([0, 1]);
    await node.unpublish();
    Object.assign(node.kept(), { removedId: '00000000-0000-0000-0000-000000000001' });
    await node.publish();
    expect([living(8).length, pair.projectApi.functions(8).length]).toEqual([1, 2]);
  });

  it('removes it also where the node no longer wants one', async () => {
    const node = await nodeWith();
    await node.publish();
    wanted = undefined;
    await node.unpublish();
    expect(living()).toEqual([]);
  });

  it('removes what a publishing that failed has made, of which n8n has kept nothing', async () => {
    await (await nodeWith()).publish();
    await (await nodeWith()).unpublish();
    expect(living()).toEqual([]);
  });

  it('is not held up by a PostHog that is away, and says what is left to do', async () => {
    const node = await nodeWith();
    await node.publish();
    const before = { ...node.kept() };
    away();
    expect(await node.unpublish()).toBe(false);
    expect(node.warned).toEqual([expect.stringMatching(/Remove it in PostHog.*Not now/)]);
    expect(node.kept()).toEqual(before);
    pair.simulator.faults.clear();
    await node.unpublish();
    expect(living()).toEqual([]);
  });
});

it('a node that wants nothing calls nobody', async () => {
  wanted = undefined;
  const node = await nodeWith({ personalApiKey: '' });
  await node.publish();
  await node.unpublish();
  expect([pair.simulator.journal.requests, node.kept(), node.warned]).toEqual([[], {}, []]);
});

describe('a webhook that a person makes by hand', () => {
  beforeEach(() => void (wanted = 'by hand'));

  it('needs no key, and a secret', async () => {
    const node = await nodeWith({ personalApiKey: '', signingSecret: SECRET });
    await node.publish();
    expect(await node.unpublish()).toBe(true);
    expect(pair.simulator.journal.requests).toEqual([]);
  });

  it.each([
    ['', /no Signing Secret.*/, /Fill in Signing Secret/],
    ['whsec_c2hvcnQ=', /damaged/, /24 bytes/],
  ])('is not published with the secret %j', async (signingSecret, message, description) => {
    const node = await nodeWith({ signingSecret });
    await expect(node.publish()).rejects.toMatchObject({
      message: expect.stringMatching(message),
      description: expect.stringMatching(description),
    });
    await node.publish('init');
    expect(node.warned).toEqual([expect.stringMatching(message)]);
  });
});

describe('a failure', () => {
  it.each<[string, IDataObject, RegExp, RegExp]>([
    ['no key', { personalApiKey: '' }, /no Personal API Key/, /make one/],
    ['the project’s own key', { personalApiKey: 'phc_x' }, /key of the project/, /phx_/],
    ['a wrong key', { personalApiKey: 'phx_wrong' }, /does not accept/, /Check Personal API Key/],
    [
      'a missing scope',
      { personalApiKey: keys.reads.value },
      /lacks the scope hog_function:write/,
      /add the scope hog_function:write/,
    ],
    [
      'no Project ID and a key that may not read projects',
      { personalApiKey: keys.hooks.value, projectId: '' },
      /lacks the scope project:read/,
      /add the scope project:read/,
    ],
    [
      'another project',
      { personalApiKey: keys.other.value },
      /may not use this project/,
      /Project ID/,
    ],
    ['a wrong address', { baseUrl: 'posthog' }, /Base URL.*no URL/, /Correct Base URL/],
    ['a damaged secret', { signingSecret: 'secret' }, /Signing Secret.*damaged/, /24 bytes/],
  ])('is an error for a person, and does not stop a start: %s', async (_, fields, ...says) => {
    const node = await nodeWith(fields);
    const [message, description] = says.map((one) => expect.stringMatching(one) as string);
    await expect(node.publish()).rejects.toMatchObject({ message, description });
    expect(living()).toEqual([]);
    for (const mode of ['init', 'leadershipChange'] as const) await node.publish(mode);
    expect(node.warned).toHaveLength(2);
    expect(node.warned.join()).not.toMatch(/phx_\w|phc_x|\.\./);
  });

  it('of PostHog itself while n8n starts is logged, and the destination stays', async () => {
    const node = await nodeWith();
    await node.publish();
    away();
    await node.publish('init');
    expect(node.warned).toEqual([expect.stringMatching(/look after the destination.*Not now/)]);
    expect(living()).toHaveLength(1);
    await expect(node.publish('update')).rejects.toThrow('Not now');
  });

  it('of a node without a credential says so', async () => {
    const node = await createHookNode(nodeType, { credential: null });
    await expect(node.publish()).rejects.toThrow();
    expect(await node.unpublish()).toBe(false);
  });

  it('shows neither key nor secret', async () => {
    const node = await nodeWith({ signingSecret: SECRET });
    const effect = { kind: 'status' as const, status: 400, message: `no ${keys.both.value}` };
    pair.simulator.faults.add({ match: { path: /./ }, effect });
    const error = await node.publish().catch((thrown: unknown) => thrown);
    const shown = JSON.stringify([error, String(error), (error as Error).stack]);
    expect(shown).not.toContain(keys.both.value);
    expect(shown).not.toContain(SECRET);
  });
});

it('PostHog Cloud is not given an address that it cannot reach', async () => {
  const node = await nodeWith(
    { region: 'eu' },
    { webhookBaseUrl: 'http://localhost:5678/webhook' },
  );
  await expect(node.publish()).rejects.toMatchObject({
    message: expect.stringContaining('PostHog cannot reach this n8n at http://localhost:5678'),
    description: expect.stringMatching(/WEBHOOK_URL.*Live Stream/),
  });
});

describe('while n8n starts', () => {
  it('what a person disabled in PostHog stays disabled, and is logged', async () => {
    const node = await nodeWith();
    await node.publish();
    living()[0]!.enabled = false;
    await node.publish('init');
    expect(living()[0]!.enabled).toBe(false);
    expect(node.warned).toEqual([expect.stringContaining('disabled in PostHog')]);
    await node.publish();
    expect(living()[0]!.enabled).toBe(true);
  });

  it('what PostHog switched off after failures is enabled again', async () => {
    const node = await nodeWith();
    await node.publish();
    living()[0]!.state = 3;
    await node.publish('init');
    expect(living()[0]!.state).not.toBe(3);
  });
});

describe('a delivery of the destination proves itself', () => {
  let target: ReturnType<typeof createServer>;
  afterEach(() => closeServer(target));

  /** Publishes, lets something happen in PostHog, and checks what its destination then posts. */
  async function delivered(node: HookNode) {
    const got: Array<{ headers: Record<string, unknown>; body: Buffer }> = [];
    target.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        got.push({ headers: request.headers, body: Buffer.concat(chunks) });
        response.end('OK');
      });
    });
    await node.publish();
    pair.simulator.capture({
      event: '$pageview',
      distinct_id: 'u_42',
      properties: { $set: { email: 'ann@example.com' } },
    });
    await until(() => got.length > 0);
    const { headers, body } = got[0]!;
    const secrets = await secretsOf(await node.context());
    return {
      passes: isFromPosthog(headers, body, secrets, Date.now()),
      forged: isFromPosthog(headers, Buffer.from(`${String(body)} `), secrets, Date.now()),
      byHeader: headers['x-n8n-secret'],
      event: readDelivery(body),
    };
  }

  it.each([
    ['signed with the secret made here', true, {}],
    ['signed with the credential’s secret', true, { signingSecret: SECRET }],
    ['by a header of an older PostHog', false, {}],
  ])('%s', async (_, signs, fields) => {
    await pair.simulator.close();
    await start({ signs, ingestionMs: 0 });
    target = createServer();
    const place = { service: 'n8n', variable: 'PORT', host: '127.0.0.1', port: 0 };
    const { url } = await listenOn(target, place);
    const node = await nodeWith(fields, { webhookBaseUrl: `${url}/webhook` });
    const { passes, forged, byHeader, event } = await delivered(node);
    expect(passes).toBe(true);
    // A header proves who sends, and not what.
    expect([forged, byHeader !== undefined]).toEqual([!signs, !signs]);
    expect(event).toMatchObject({
      event: '$pageview',
      distinct_id: 'u_42',
      email: 'ann@example.com',
      project_url: `${pair.url}/project/7`,
    });
  });
});
