import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isBuilt } from '../../../tools/demo/build';
import { demoCredentials } from '../../../tools/demo/credentials';
import { readMemory, writeMemory } from '../../../tools/demo/memory';
import { createProgress, describeInstall } from '../../../tools/progress';
import { startServices } from '../../../tools/demo/services';
import { readSettings } from '../../../tools/demo/settings';
import { summary } from '../../../tools/demo/summary';
import { plan } from '../../../tools/demo/workflows';
import { until } from '../simulators/support';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'demo-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const simulated = {
  streamUrl: 'http://stream',
  streamToken: 'st',
  intercomUrl: 'http://intercom',
  intercomToken: 'it',
  intercomSecret: 'is',
  crispUrl: 'http://crisp/v1',
  crispWebsiteId: 'cw',
  crispTokenIdentifier: 'ci',
  crispTokenKey: 'ck',
  crispSecret: 'cs',
  modelUrl: 'http://model/v1',
  modelKey: 'mk',
};

describe('readSettings', () => {
  it('simulates everything unless told otherwise', () => {
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
      },
    });
  });

  it('takes each real service by itself', () => {
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

  it('takes the real Crisp, with the tier that most people have', () => {
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

  it('refuses half a service and a port that is none', () => {
    expect(() => readSettings({ AUTOPLAY_TOKEN: 'x' }, '/repo')).toThrow(
      'AUTOPLAY_TOKEN is set, AUTOPLAY_STREAM_URL is not',
    );
    expect(() => readSettings({ INBOX_PORT: '43o0' }, '/repo')).toThrow('INBOX_PORT is "43o0"');
  });
});

it('fills the credentials from the real services and the simulators of the others', () => {
  const settings = readSettings({ OPENAI_API_KEY: 'sk' }, '/repo');
  const credentials = demoCredentials(settings, simulated);
  expect(credentials.map(({ type, name }) => [type, name])).toContainEqual([
    'crispConversationApi',
    'Crisp',
  ]);
  const data = credentials.map((credential) => credential.data);
  expect(data).toEqual([
    { streamUrl: 'http://stream', token: 'st' },
    { accessToken: 'it', clientSecret: 'is', region: 'custom', baseUrl: 'http://intercom' },
    {
      websiteId: 'cw',
      tokenIdentifier: 'ci',
      tokenKey: 'ck',
      tier: 'website',
      webhookSecret: 'cs',
      baseUrl: 'http://crisp/v1',
    },
    { apiKey: 'sk', url: 'https://api.openai.com/v1' },
  ]);
  const crisp = {
    websiteId: 'w',
    tokenIdentifier: 'i',
    tokenKey: 'k',
    webhookSecret: 's',
    tier: 'plugin' as const,
  };
  const real = demoCredentials({ ...settings, crisp }, simulated);
  expect(real.find(({ name }) => name === 'Crisp')!.data).toEqual({
    ...crisp,
    baseUrl: 'https://api.crisp.chat/v1',
  });
});

it('lets each simulated chat product notify its own trigger, as its credential expects', async () => {
  const received: string[] = [];
  const listener = createServer((request, response) => {
    received.push(request.url!);
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const settings = readSettings({ DEMO_FOLDER: folder }, '/repo');
  const free = { n8n: 0, inbox: 0, connector: 0, intercom: 0, crisp: 0, model: 0 };
  const services = await startServices({ ...settings, ports: free }, () => undefined);
  try {
    services.notify({ chat: 'intercom', url: `${origin}/intercom` });
    services.notify({ chat: 'crisp', url: `${origin}/crisp` });
    for (const chat of ['intercom', 'crisp']) {
      const { status } = await fetch(`${services.inboxUrl}/api/conversations`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ personId: '70', chat, text: 'Hi' }),
      });
      expect(status).toBe(200);
    }
    await until(() => received.length === 2);
    const key = encodeURIComponent(services.simulated.crispSecret);
    expect(received.sort()).toEqual([`/crisp?key=${key}`, '/intercom']);
  } finally {
    await services.stop();
    listener.close();
  }
});

describe('the plan for a workflow', () => {
  const known = { hash: 'h', published: true };
  const running = { activeVersionId: 'v' };

  it('is to import what is new, changed or gone', () => {
    expect(plan(undefined, 'h', undefined, false)).toBe('import');
    expect(plan(known, 'other', running, false)).toBe('import');
    expect(plan(known, 'h', undefined, false)).toBe('import');
  });

  it('is to leave alone what may have been edited', () => {
    expect(plan(known, 'h', running, false)).toBe('keep');
    expect(plan(known, 'h', { activeVersionId: null }, true)).toBe('leave unpublished');
  });

  it('is to let the triggers read changed credentials', () => {
    expect(plan(known, 'h', running, true)).toBe('republish');
  });

  it('is to try again what never ran', () => {
    expect(plan({ hash: 'h', published: false }, 'h', { activeVersionId: null }, false)).toBe(
      'publish',
    );
  });
});

it('remembers, for nobody else to read, and begins anew when the file is broken', () => {
  const file = join(folder, 'deep', 'demo.json');
  expect(readMemory(file)).toEqual({ credentials: {}, workflows: {} });
  const memory = { password: 'p', credentials: { a: '1' }, workflows: {} };
  writeMemory(file, memory);
  expect(readMemory(file)).toEqual(memory);
  expect(statSync(file).mode & 0o077).toBe(0);
  writeFileSync(file, '{');
  expect(readMemory(file)).toEqual({ credentials: {}, workflows: {} });
});

it('builds when a source is newer than what was built', () => {
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

describe('progress', () => {
  it('is one changing line on a terminal', () => {
    const write = jest.fn();
    const progress = createProgress({ write, isTTY: true });
    progress.step('one');
    progress.update('one, further');
    progress.step('two');
    progress.done();
    expect(write.mock.calls.flat().join('')).toBe('  one\r\u001b[2K  one, further\n  two\n');
  });

  it('is a line now and then in a log', () => {
    const write = jest.fn();
    let now = 0;
    const progress = createProgress({ write }, () => now);
    progress.step('one');
    progress.update('1 s');
    now = 20_000;
    progress.update('20 s');
    expect(write.mock.calls.flat()).toEqual(['  one\n', '  20 s\n']);
  });

  it('tells how far the installation is', () => {
    expect(describeInstall({ phase: 'downloading', elapsedSeconds: 75, bytes: 2 ** 30 })).toContain(
      'downloading (1:15, 1.0 of about 2.8 GB; this happens once',
    );
  });
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
    expect(text).toContain('http://127.0.0.1:5678');
    expect(text).toContain('log in as demo@example.com with secret-1');
    expect(text).toContain('Intercom (simulated), Crisp (simulated)');
    expect(text).toContain('B: left out (no key)');
    expect(text).not.toContain('Register');
  });

  it('says what to register, and that a local address will not do', () => {
    const url = 'http://127.0.0.1:5678/webhook/x';
    const toRegister = [{ chat: 'intercom' as const, workflow: 'A', node: 'Chat', url }];
    expect(summary({ ...facts, toRegister })).toMatch(
      /Register this URL for "Chat"[^]*WEBHOOK_URL=https/,
    );
    const settings = readSettings({ WEBHOOK_URL: 'https://n8n.example' }, '/repo');
    expect(summary({ ...facts, settings, toRegister })).not.toContain('cannot reach');
  });

  it('says how to register with the real Crisp, without giving the secret away', () => {
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
