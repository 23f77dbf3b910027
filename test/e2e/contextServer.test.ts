import { createHmac } from 'node:crypto';
import { demo } from '../../simulators';
import { outputOf } from '../../tools/n8n';
import { call } from '../support/agents';
import {
  ANSWERING,
  createContextWorld,
  userToken,
  type ContextWorld,
} from '../support/contextWorld';
import { eventually } from '../support/eventually';
import { createStage, type Stage } from '../support/stage';

// Fin, Hugo and an agent of n8n's own ask the shipped workflows in a real n8n.

let stage: Stage;
let world: ContextWorld;
beforeAll(async () => {
  stage = await createStage([]);
  world = await createContextWorld(stage);
  for (const name of ['ann', 'bob']) world.act(name, `${name} clicked Save`);
});
afterAll(() => stage?.stop());

it('Fin is told of the holder of the token, whatever else it sends', async () => {
  await eventually(async () => (await world.fin(userToken('ann'))).json.found);
  const body = JSON.stringify({ user_id: 'bob', email: 'bob@example.com' });
  const { status, json } = await world.fin(userToken('ann'), { body }, '?user_id=bob');
  expect(status).toBe(200);
  expect(json.last_actions).toContain('ann clicked Save');
  expect(JSON.stringify(json)).not.toContain('bob');
  expect((await world.fin(userToken('nobody-known'))).json).toMatchObject({ found: false });
  expect((await world.fin('forged')).status).toBe(401);
});

it('a question starts the workflow where it should', async () => {
  const { id } = world.workflows.fin;
  await eventually(async () => {
    const listed = await stage.rest.executions({ workflowId: id, status: ['success'] });
    const all = await Promise.all(listed.map(({ id }) => stage.rest.execution(id)));
    return all.some((one) =>
      outputOf(one, ANSWERING.fin).some(
        ({ type, user_id }) => type === 'question' && user_id === 'ann',
      ),
    );
  });
});

it('Hugo is told of the session that its conversation is linked to', async () => {
  const { session_id } = stage.crisp.visitorOpens({
    nickname: 'Ann',
    data: { posthog_session_id: 's-ann' },
  });
  expect((await world.hugo(session_id)).found).toBe(false);
  stage.crisp.visitorWrites(session_id, 'Why does this not work?');
  await eventually(async () => (await world.hugo(session_id)).found);
  const answer = await world.hugo(session_id.replace('session_', ''));
  expect(answer.last_actions).toContain('ann clicked Save');
  expect(JSON.stringify(answer)).not.toContain('bob');
});

it('Hugo’s signature is over the bytes that arrive', async () => {
  const body = JSON.stringify(call(), null, 2);
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const send = async (signedBody: string) => {
    const hmac = createHmac('sha256', demo.hugoSecret);
    hmac.update(`${timestamp}.${demo.crispWebsiteId}.${signedBody}`);
    const headers = {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${demo.contextToken}`,
      'X-Crisp-Website-Id': demo.crispWebsiteId,
      'X-Crisp-Timestamp': timestamp,
      'X-Crisp-Signature': `sha256=${hmac.digest('hex')}`,
    };
    return (await fetch(world.urls.hugo, { method: 'POST', headers, body })).status;
  };
  expect(await send(body)).toBe(200);
  expect(await send(JSON.stringify(call()))).toBe(401);
});

describe('an agent in n8n with the MCP Client Tool', () => {
  const model = {
    model: { __rl: true, mode: 'id', value: demo.model },
    responsesApiEnabled: false,
    options: {},
  };
  const below = (kind: string) => ({ [kind]: [[{ node: 'Agent', type: kind, index: 0 }]] });
  let ask: (question: string) => Promise<string>;
  beforeAll(async () => {
    const { rest, credentials } = stage;
    const data = { token: demo.contextToken };
    const httpBearerAuth = await rest.upsertCredential('httpBearerAuth', 'context', data);
    const asking = await rest.importWorkflow(
      {
        name: 'An agent asks',
        settings: { executionOrder: 'v1' },
        nodes: [
          {
            name: 'Webhook',
            type: 'n8n-nodes-base.webhook',
            typeVersion: 2,
            position: [0, 0],
            parameters: { httpMethod: 'POST', path: 'asks', responseMode: 'lastNode' },
          },
          {
            name: 'Agent',
            type: '@n8n/n8n-nodes-langchain.agent',
            typeVersion: 3,
            position: [0, 0],
            parameters: {
              promptType: 'define',
              text: '={{ $json.body.question }}',
              options: { enableStreaming: false },
            },
          },
          {
            name: 'Model',
            type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
            typeVersion: 1.3,
            position: [0, 0],
            parameters: model,
          },
          {
            name: 'Context',
            type: '@n8n/n8n-nodes-langchain.mcpClientTool',
            typeVersion: 1.4,
            position: [0, 0],
            parameters: {
              endpointUrl: world.urls['team-agent'],
              serverTransport: 'httpStreamable',
              authentication: 'bearerAuth',
              include: 'all',
            },
          },
        ],
        connections: {
          Webhook: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
          Model: below('ai_languageModel'),
          Context: below('ai_tool'),
        },
      },
      { credentials: { ...credentials, httpBearerAuth } },
    );
    await rest.publish(asking.id);
    const url = await rest.webhookUrl(asking, 'Webhook');
    ask = async (question) => {
      const headers = { 'Content-Type': 'application/json' };
      const body = JSON.stringify({ question });
      return await (await fetch(url, { method: 'POST', headers, body })).text();
    };
  });

  /** What the tool told the model since the `from`th request. */
  const toldSince = (from: number) =>
    stage.model.requests
      .slice(from)
      .flatMap(({ prompt }) => prompt.messages)
      .flatMap(({ role, text }) => (role === 'tool' ? [text] : []));

  it.each([
    ['bob@example.com', 'bob clicked Save'],
    ['nobody@example.com', 'Nothing is known'],
  ])('is told of %s', async (email, expected) => {
    const before = stage.model.requests.length;
    const answer = await ask(`What has ${email} been doing?`);
    expect([answer, toldSince(before).join()]).toEqual([
      expect.any(String),
      expect.stringContaining(expected),
    ]);
    expect(toldSince(before).join()).not.toContain('ann clicked');
  });
});
