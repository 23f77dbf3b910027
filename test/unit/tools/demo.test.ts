import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demo, startSimulators } from '../../../simulators';
import { isBuilt } from '../../../tools/demo/build';
import { contextSecrets, demoCredentials } from '../../../tools/demo/credentials';
import { readMemory, writeMemory } from '../../../tools/demo/memory';
import { startServices } from '../../../tools/demo/services';
import { readSettings } from '../../../tools/demo/settings';
import { shippedPrompts } from '../../../tools/demo/prompts';
import { addSamples } from '../../../tools/demo/samples';
import { factsOf } from '../../../tools/demo/setUp';
import { summary } from '../../../tools/demo/summary';
import { plan, workflowFiles } from '../../../tools/demo/workflows';
import type { Workflow } from '../../../tools/n8n';
import { receiver, until } from '../simulators/support';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'demo-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const urls = {
  stream: 'http://stream',
  connector: 'http://connector',
  posthog: 'http://posthog',
  intercom: 'http://intercom',
  crisp: 'http://crisp/v1',
  model: 'http://model/v1',
  inbox: 'http://inbox',
};

describe('readSettings', () => {
  it('simulates everything by default', () => {
    const settings = readSettings({ OPENAI_API_KEY: '' }, '/repo');
    expect(settings).toEqual({
      folder: '/repo/.demo',
      ports: {
        n8n: 5678,
        inbox: 4300,
        connector: 4301,
        intercom: 4302,
        model: 4303,
        crisp: 4304,
        posthog: 4305,
      },
      source: 'autoplay',
    });
  });

  it('uses each real service independently', () => {
    const settings = readSettings(
      {
        INTERCOM_ACCESS_TOKEN: 'token',
        INTERCOM_CLIENT_SECRET: 'secret',
        INTERCOM_REGION: 'eu',
        WEBHOOK_URL: 'https://n8n.example/',
        N8N_PORT: '1234',
        DEMO_FOLDER: 'elsewhere',
      },
      '/repo',
    );
    expect(settings.intercom).toEqual({
      accessToken: 'token',
      clientSecret: 'secret',
      region: 'eu',
    });
    expect(settings.autoplay).toBeUndefined();
    expect(settings.publicUrl).toBe('https://n8n.example');
    expect(settings.ports.n8n).toBe(1234);
    expect(settings.folder).toBe('/repo/elsewhere');
  });

  it('uses the real Crisp, by default with the tier `website`', () => {
    const environment = {
      CRISP_WEBSITE_ID: 'w',
      CRISP_TOKEN_IDENTIFIER: 'i',
      CRISP_TOKEN_KEY: 'k',
      CRISP_WEBHOOK_SECRET: 's',
    };
    const crisp = { websiteId: 'w', tokenIdentifier: 'i', tokenKey: 'k', webhookSecret: 's' };
    expect(readSettings(environment, '/repo').crisp).toEqual({ ...crisp, tier: 'website' });
    const plugin = readSettings({ ...environment, CRISP_TIER: 'plugin' }, '/repo');
    expect(plugin.crisp).toEqual({ ...crisp, tier: 'plugin' });
    expect(() => readSettings({ ...environment, CRISP_TIER: 'user' }, '/repo')).toThrow(
      'CRISP_TIER is "user"',
    );
    expect(() => readSettings({ ...environment, CRISP_TOKEN_KEY: '' }, '/repo')).toThrow(
      'CRISP_TOKEN_KEY is not',
    );
  });

  it('lets the visitors be hostile only when asked', () => {
    expect(readSettings({ DEMO_VISITORS: 'hostile' }, '/repo').hostile).toBe(true);
    expect(readSettings({ DEMO_VISITORS: 'plausible' }, '/repo')).not.toHaveProperty('hostile');
    expect(() => readSettings({ DEMO_VISITORS: 'rude' }, '/repo')).toThrow('DEMO_VISITORS');
  });

  it('takes PostHog for the source where the command says so, with an n8n of its own', () => {
    const words = ['--source', 'posthog'];
    const settings = readSettings({}, '/repo', { words });
    expect(settings).toMatchObject({ source: 'posthog', folder: '/repo/.demo/posthog' });
    expect(settings).not.toHaveProperty('posthog');
    expect(readSettings({ DEMO_FOLDER: '/data' }, '/repo', { words }).folder).toBe('/data');
    for (const wrong of [['--source'], ['--source', 'other'], ['posthog'], [...words, 'x']]) {
      expect(() => readSettings({}, '/repo', { words: wrong })).toThrow('is unknown');
    }
  });

  it('uses the real PostHog, in a region or one of the user’s own', () => {
    const read = (environment: Record<string, string>) =>
      readSettings({ POSTHOG_API_KEY: 'phx_1', ...environment }, '/repo').posthog;
    const empty = { baseUrl: '', liveUrl: '', projectId: '', signingSecret: '' };
    expect(read({})).toEqual({ ...empty, region: 'us', personalApiKey: 'phx_1' });
    expect(read({ POSTHOG_REGION: 'eu', POSTHOG_PROJECT_ID: '7' })).toEqual({
      ...{ ...empty, region: 'eu', projectId: '7', personalApiKey: 'phx_1' },
    });
    expect(read({ POSTHOG_URL: 'https://hog.example' })).toMatchObject({
      region: 'custom',
      baseUrl: 'https://hog.example',
    });
    expect(() => read({ POSTHOG_REGION: 'eu', POSTHOG_URL: 'https://x' })).toThrow('POSTHOG_URL');
    expect(() => read({ POSTHOG_REGION: 'custom' })).toThrow('POSTHOG_URL');
    expect(() => read({ POSTHOG_REGION: 'asia' })).toThrow('POSTHOG_REGION is "asia"');
  });

  it('refuses an incomplete service and an invalid port', () => {
    expect(() => readSettings({ AUTOPLAY_TOKEN: 'x' }, '/repo')).toThrow(
      'AUTOPLAY_TOKEN is set, AUTOPLAY_STREAM_URL is not',
    );
    expect(() => readSettings({ INBOX_PORT: '43o0' }, '/repo')).toThrow('INBOX_PORT is "43o0"');
  });
});

it('the demo’s credentials are those of real services, or of the simulators', () => {
  const settings = readSettings({ OPENAI_API_KEY: 'sk' }, '/repo');
  const credentials = demoCredentials(settings, urls);
  expect(credentials.map(({ type, name }) => [type, name])).toContainEqual([
    'crispConversationApi',
    'Crisp',
  ]);
  const data = credentials.map((credential) => credential.data);
  expect(data).toEqual([
    { streamUrl: 'http://stream', token: demo.connectorToken },
    {
      accessToken: demo.intercomToken,
      clientSecret: demo.intercomClientSecret,
      region: 'custom',
      baseUrl: 'http://intercom',
    },
    {
      websiteId: demo.crispWebsiteId,
      tokenIdentifier: demo.crispTokenIdentifier,
      tokenKey: demo.crispTokenKey,
      tier: 'website',
      webhookSecret: demo.crispHookKey,
      baseUrl: 'http://crisp/v1',
    },
    contextSecrets,
    { apiKey: 'sk', url: 'https://api.openai.com/v1' },
  ]);
  const crisp = {
    websiteId: 'w',
    tokenIdentifier: 'i',
    tokenKey: 'k',
    webhookSecret: 's',
    tier: 'plugin' as const,
  };
  const real = demoCredentials({ ...settings, crisp }, urls);
  expect(real.find(({ name }) => name === 'Crisp')!.data).toEqual({
    ...crisp,
    baseUrl: 'https://api.crisp.chat/v1',
  });
  // Everybody knows the demo's secrets.
  expect(real.map(({ type }) => type)).not.toContain('autoplayContextApi');
  const open = readSettings({ WEBHOOK_URL: 'https://n8n.example.com' }, '/repo');
  expect(demoCredentials(open, urls).map(({ type }) => type)).not.toContain('autoplayContextApi');
});

it('with PostHog as the source, its credential takes the place of Autoplay’s', () => {
  const words = ['--source', 'posthog'];
  const [first, ...others] = demoCredentials(readSettings({}, '/repo', { words }), urls);
  expect(first).toEqual({
    type: 'posthogActivityApi',
    name: 'PostHog',
    data: {
      region: 'custom',
      baseUrl: 'http://posthog',
      liveUrl: 'http://posthog/livestream',
      projectId: '7',
      personalApiKey: demo.posthogKey,
      signingSecret: demo.posthogSigningSecret,
    },
  });
  expect(others.map(({ type }) => type)).not.toContain('autoplayConnectorApi');
  const environment = { POSTHOG_API_KEY: 'phx_1', POSTHOG_PROJECT_ID: '12' };
  const [real] = demoCredentials(readSettings(environment, '/repo', { words }), urls);
  expect(real!.data).toMatchObject({ region: 'us', projectId: '12', personalApiKey: 'phx_1' });
});

it('each source has its workflows, and those that are for both', () => {
  const names = ['chat.json', 'chat-posthog.json', 'forget.json', 'notes.txt'];
  names.forEach((name) => writeFileSync(join(folder, name), ''));
  expect(workflowFiles(folder, 'autoplay')).toEqual(['chat.json', 'forget.json']);
  expect(workflowFiles(folder, 'posthog')).toEqual(['chat-posthog.json', 'forget.json']);
  expect(workflowFiles(join(folder, 'none'), 'posthog')).toEqual([]);
});

it('each simulated chat product sends webhooks to its own trigger, published or under test', async () => {
  const { url, received, close } = await receiver();
  const settings = readSettings({ DEMO_FOLDER: folder }, '/repo');
  const free = { n8n: 0, inbox: 0, connector: 0, posthog: 0, intercom: 0, crisp: 0, model: 0 };
  const services = await startServices({ ...settings, ports: free }, () => undefined);
  try {
    services.notify({ chat: 'intercom', url: `${url}/webhook/i/webhook` });
    services.notify({ chat: 'crisp', url: `${url}/webhook/c/webhook` });
    for (const chat of ['intercom', 'crisp']) {
      const { status } = await fetch(`${services.inboxUrl}/api/conversations`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ personId: '70', chat, text: 'Hi' }),
      });
      expect(status).toBe(200);
    }
    await until(() => received.length === 4);
    const key = encodeURIComponent(demo.crispHookKey);
    expect(received.map(({ path }) => path).sort()).toEqual([
      `/hook/webhook-test/c/webhook?key=${key}`,
      '/hook/webhook-test/i/webhook',
      `/hook/webhook/c/webhook?key=${key}`,
      '/hook/webhook/i/webhook',
    ]);
  } finally {
    await services.stop();
    close();
  }
});

it('the inbox is told where n8n is, whose workflow is whose, and how long the bot is silent', () => {
  const check = { parameters: { operation: 'checkForOperator', silentMinutes: 10 } };
  const workflow = { id: 'w1', nodes: [check] } as unknown as Workflow;
  const outcome = { file: 'c.json', name: 'Bot', state: 'published' as const, workflow };
  const webhook = { chat: 'crisp' as const, workflow: 'Bot', node: 'Chat', url: 'http://x' };
  const agents = { intercom: 'http://fin', crisp: null };
  expect(factsOf('http://n8n', { workflows: [outcome], webhooks: [webhook], agents })).toEqual({
    n8n: 'http://n8n',
    workflows: [{ name: 'Bot', chat: 'crisp', url: 'http://n8n/workflow/w1' }],
    silentMinutes: 10,
    offers: false,
    agents,
  });
});

it('the simulated model knows the shipped prompts', () => {
  const prompts = shippedPrompts(join(__dirname, '../../../workflows'));
  expect(prompts).toContainEqual(expect.stringContaining('You write notes for a support team.'));
  expect(prompts).toContainEqual(expect.stringContaining('You are the support assistant'));
});

it('the conversations of the sample data exist in the simulators, once', async () => {
  const simulators = await startSimulators({ lively: false });
  const { intercom, crisp } = simulators;
  const workflows = join(__dirname, '../../../workflows');
  for (const _ of [1, 2]) {
    const ids = addSamples(workflows, simulators);
    expect(intercom.conversations().map(({ id }) => ids.has(id))).toEqual([true]);
    expect(crisp.conversations().map((one) => ids.has(one.session_id))).toEqual([true]);
  }
  expect(crisp.conversations()[0]!.messages).toMatchObject([
    { content: 'Why does this not work?' },
  ]);
  await simulators.stop();
});

describe('the plan for a workflow', () => {
  const known = { hash: 'h', published: true };
  const running = { activeVersionId: 'v' };

  it('is to import new, changed and deleted workflows', () => {
    expect(plan(undefined, 'h', undefined, false)).toBe('import');
    expect(plan(known, 'other', running, false)).toBe('import');
    expect(plan(known, 'h', undefined, false)).toBe('import');
  });

  it('is to keep the user’s edits', () => {
    expect(plan(known, 'h', running, false)).toBe('keep');
    expect(plan(known, 'h', { activeVersionId: null }, true)).toBe('leave unpublished');
  });

  it('is to republish workflows when credentials have changed', () => {
    expect(plan(known, 'h', running, true)).toBe('republish');
  });

  it('is to publish a workflow that never ran', () => {
    expect(plan({ hash: 'h', published: false }, 'h', { activeVersionId: null }, false)).toBe(
      'publish',
    );
  });
});

it('the demo’s memory file is private, and a broken one is replaced', () => {
  const file = join(folder, 'deep', 'demo.json');
  expect(readMemory(file)).toEqual({ credentials: {}, workflows: {} });
  const memory = { password: 'p', credentials: { a: '1' }, workflows: {} };
  writeMemory(file, memory);
  expect(readMemory(file)).toEqual(memory);
  expect(statSync(file).mode & 0o077).toBe(0);
  writeFileSync(file, '{');
  expect(readMemory(file)).toEqual({ credentials: {}, workflows: {} });
});

it('the package is built when a source is newer than the build', () => {
  const write = (path: string, time: number) => {
    writeFileSync(join(folder, path), '');
    utimesSync(join(folder, path), time, time);
  };
  expect(isBuilt(folder)).toBe(false);
  mkdirSync(join(folder, 'dist'));
  mkdirSync(join(folder, 'core'));
  write('core/a.ts', 100);
  write('dist/a.js', 200);
  expect(isBuilt(folder)).toBe(true);
  write('core/b.ts', 300);
  expect(isBuilt(folder)).toBe(false);
});

describe('the summary', () => {
  const facts = {
    settings: readSettings({}, '/repo'),
    n8nUrl: 'http://127.0.0.1:5678',
    email: 'demo@example.com',
    password: 'secret-1',
    inboxUrl: 'http://127.0.0.1:4300',
    workflows: [
      { file: 'a.json', name: 'A', state: 'published' as const },
      { file: 'b.json', name: 'B', state: 'left out' as const, reason: 'no key' },
    ],
    toRegister: [],
  };

  it('says where to look and what runs', () => {
    const text = summary(facts);
    expect(text).toMatch(/Open this first +http:\/\/127.0.0.1:4300\n/);
    expect(text.indexOf('Open this first')).toBeLessThan(text.indexOf('n8n  '));
    expect(text).toContain('http://127.0.0.1:5678/home/workflows');
    expect(text).toContain('OPENAI_API_KEY=… npm start');
    expect(text).toContain('log in as demo@example.com with secret-1');
    expect(text).toContain('Intercom (simulated), Crisp (simulated)');
    expect(text).toContain('B: left out (no key)');
    expect(text).not.toContain('Register');
  });

  it('says which source is simulated, and which is real', () => {
    const words = ['--source', 'posthog'];
    const of = (environment: Record<string, string>) =>
      summary({ ...facts, settings: readSettings(environment, '/repo', { words }) });
    expect(of({})).toContain('PostHog (simulated), Intercom (simulated)');
    expect(of({ POSTHOG_API_KEY: 'phx_1' })).toContain('PostHog (real)');
    expect(of({})).not.toContain('Autoplay');
  });

  it('gives the address of each workflow, of its form and of its chat, and what to enter', () => {
    const made = (id: string, ...nodes: object[]) => ({
      ...{ id, active: true, versionId: 'v', activeVersionId: 'v', name: id, connections: {} },
      nodes: nodes as Workflow['nodes'],
    });
    const workflows = [
      {
        ...{ file: 'f.json', name: 'Forget', state: 'published' as const },
        workflow: made('f1', { type: 'n8n-nodes-base.formTrigger', webhookId: 'w1' }),
      },
      {
        ...{ file: 'a.json', name: 'Ask', state: 'published' as const },
        workflow: made('a1', {
          ...{ type: '@n8n/n8n-nodes-langchain.chatTrigger', webhookId: 'w2' },
        }),
      },
    ];
    const text = summary({ ...facts, workflows });
    for (const address of ['/workflow/f1', '/form/w1', '/workflow/a1', '/webhook/w2/chat']) {
      expect(text).toContain(`http://127.0.0.1:5678${address}\n`);
    }
    expect(text).toContain('user name demo@example.com, and the password above');
  });

  it('names the URL to register, and warns of a local address', () => {
    const url = 'http://127.0.0.1:5678/webhook/x';
    const toRegister = [{ chat: 'intercom' as const, workflow: 'A', node: 'Chat', url }];
    expect(summary({ ...facts, toRegister })).toMatch(
      /Register this URL for "Chat"[^]*WEBHOOK_URL=https/,
    );
    const settings = readSettings({ WEBHOOK_URL: 'https://n8n.example' }, '/repo');
    expect(summary({ ...facts, settings, toRegister })).not.toContain('cannot reach');
  });

  it('explains how to register with the real Crisp, without the secret', () => {
    const url = 'https://n8n.example/webhook/x';
    const toRegister = [{ chat: 'crisp' as const, workflow: 'A', node: 'Chat', url }];
    const environment = {
      CRISP_WEBSITE_ID: 'w',
      CRISP_TOKEN_IDENTIFIER: 'i',
      CRISP_TOKEN_KEY: 'k',
      CRISP_WEBHOOK_SECRET: 'hush',
      WEBHOOK_URL: 'https://n8n.example',
    };
    const website = summary({ ...facts, settings: readSettings(environment, '/repo'), toRegister });
    expect(website).toContain('Crisp (real)');
    expect(website).toContain('Advanced configuration → Web Hooks');
    expect(website).toContain(`${url}?key=…`);
    expect(website).not.toMatch(/hush|cannot reach/);
    const settings = readSettings({ ...environment, CRISP_TIER: 'plugin' }, '/repo');
    expect(summary({ ...facts, settings, toRegister })).not.toContain('?key=');
  });
});
