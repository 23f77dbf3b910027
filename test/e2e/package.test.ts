import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { demo, startSimulators, type Simulators } from '../../simulators';
import { startTestN8n, type TestN8n } from '../../tools/n8n';
import { eventually } from '../support/eventually';

let n8n: TestN8n;
let simulators: Simulators;
let html: Server;
beforeAll(async () => {
  html = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html').end('<h1>Welcome</h1>');
  }).listen(0, '127.0.0.1');
  [n8n, simulators] = await Promise.all([startTestN8n(), startSimulators({ lively: false })]);
});
afterAll(async () => {
  html.close();
  await n8n.stop();
  await simulators.stop();
});

const ours = (name: string) => `n8n-nodes-autoplay.${name}`;

it('installs as n8n installs it, and all nodes load with their icons', async () => {
  const types = await n8n.rest.nodeTypes();
  const names = types.map(({ name }) => name).filter((name) => name.startsWith(ours('')));
  const action = [
    'autoplaySessionMemory',
    'autoplaySummarizeSession',
    'crispConversation',
    'intercomConversation',
  ];
  // An agent must not use up the moments of the flow.
  const noTool = ['autoplayDetectMoments'];
  const trigger = [
    'autoplayContextServer',
    'autoplayPushTrigger',
    'autoplayStreamTrigger',
    'crispConversationTrigger',
    'intercomConversationTrigger',
    'posthogActivityTrigger',
  ];
  expect(names.sort()).toEqual(
    [...action.flatMap((name) => [name, `${name}Tool`]), ...noTool, ...trigger].map(ours).sort(),
  );
  for (const name of [...action, ...noTool, ...trigger]) {
    const type = types.find((one) => one.name === ours(name)) as { iconUrl?: unknown } | undefined;
    const { light, dark } = type?.iconUrl as { light: string; dark: string };
    for (const path of [light, dark]) {
      const response = await fetch(`${n8n.n8n.url}/${path}`);
      expect([path, response.headers.get('content-type')]).toEqual([
        path,
        expect.stringMatching('svg'),
      ]);
    }
  }
});

describe('credential tests', () => {
  async function result(type: string, data: Record<string, unknown>) {
    const { rest } = n8n;
    const { id } = await rest.upsertCredential(type, 'under test', data);
    const credentials = { id, name: 'under test', type, data };
    return await rest.request<{ status: string; message: string }>(
      'POST',
      '/rest/credentials/test',
      { credentials },
    );
  }
  const htmlUrl = () => `http://127.0.0.1:${(html.address() as AddressInfo).port}/stream/p`;

  it('open the stream, look at the answer, and close it', async () => {
    const { stream } = simulators.urls;
    const type = 'autoplayConnectorApi';
    const good = await result(type, { streamUrl: stream, token: demo.connectorToken });
    expect(good.status).toBe('OK');
    await eventually(() => simulators.connector.stats(demo.productId).subscribers === 0);
    const bad = await Promise.all([
      result(type, { streamUrl: stream, token: 'wrong' }),
      result(type, { streamUrl: stream.replace(demo.productId, 'nothing'), token: 'wrong' }),
      result(type, { streamUrl: htmlUrl(), token: '' }),
      result(type, { streamUrl: 'http://127.0.0.1:9/stream/p', token: '' }),
      result(type, { streamUrl: 'nonsense', token: '' }),
    ]);
    expect(bad.map(({ status }) => status)).toEqual(Array(5).fill('Error'));
    expect(new Set(bad.map(({ message }) => message)).size).toBe(5);
  });

  it('ask Intercom who the token belongs to', async () => {
    const base = { region: 'custom', baseUrl: simulators.urls.intercom };
    const type = 'intercomConversationApi';
    expect((await result(type, { ...base, accessToken: demo.intercomToken })).status).toBe('OK');
    expect((await result(type, { ...base, accessToken: 'wrong' })).status).toBe('Error');
  });

  it('open the memory', async () => {
    expect(
      (await result('autoplayMemoryApi', { storage: 'sqlite', retentionHours: 24 })).status,
    ).toBe('OK');
  });
});
