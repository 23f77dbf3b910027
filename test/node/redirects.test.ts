import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runWorkflow } from '../support/runWorkflow';

// Where a chat product's address leads elsewhere, with n8n's own HTTP helper.

let elsewhere: string[];
let servers: Server[];
let baseUrl: string;
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
let status = 302;
beforeAll(async () => {
  const other = createServer(({ method, url }, response) => {
    elsewhere.push(`${method} ${url}`);
    response.setHeader('Content-Type', 'application/json').end('{"data":[],"id":"1"}');
  });
  const to = await listen(other);
  const leading = createServer(({ url }, response) => {
    response.writeHead(status, { Location: `${to}${url}` }).end();
  });
  servers = [other, leading];
  baseUrl = await listen(leading);
});
beforeEach(() => void (elsewhere = []));
afterAll(() => servers.forEach((server) => server.close()));

const steps = [
  ['intercomConversation', { resource: 'note', operation: 'post', adminId: '1' }],
  ['intercomConversation', { resource: 'message', operation: 'reply' }],
  ['intercomConversation', { resource: 'note', operation: 'redact', noteId: '1' }],
  ['crispConversation', { resource: 'note', operation: 'post' }],
  ['crispConversation', { resource: 'message', operation: 'sendOperatorReply' }],
  ['crispConversation', { resource: 'visitor', operation: 'get' }],
] as const;

it.each(
  [301, 302, 307].flatMap((code) =>
    steps.map(([type, parameters]) => ({ code, type, ...parameters })),
  ),
)('$code: $type $resource $operation takes nothing there', async ({ code, type, ...given }) => {
  status = code;
  const run = await runWorkflow(
    {
      name: 'w',
      nodes: [
        {
          ...{ id: 'a1', name: 'Step', typeVersion: 1, position: [0, 0] },
          type: `n8n-nodes-autoplay.${type}`,
          parameters: { ...given, conversationId: 'session_1', text: 'Hi' },
        },
      ],
      connections: {},
    },
    {
      start: 'Step',
      items: [{}],
      credentials: {
        intercomConversationApi: { accessToken: 'token', region: 'custom', baseUrl },
        crispConversationApi: {
          websiteId: 'website',
          tokenIdentifier: 'identifier',
          tokenKey: 'key',
          tier: 'website',
          baseUrl,
        },
      },
    },
  );
  expect(elsewhere).toEqual([]);
  expect(run.data.resultData.error?.message).toMatch(/refused: HTTP \d+, a redirect to http:/);
});
