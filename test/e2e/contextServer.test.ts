import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demo } from '../../simulators';
import type { Answer } from '../../core/agents/answer';
import { outputOf, type Workflow, type WorkflowJson } from '../../tools/n8n';
import { call, signed, token } from '../support/agents';
import { eventually } from '../support/eventually';
import { createFrames, createStage, type Stage } from '../support/stage';

// Fin, Hugo and an agent of n8n's own ask the shipped workflows in a real n8n.

type Flow = 'fin' | 'hugo' | 'team-agent';
const TRIGGERS: Record<Flow, string> = {
  fin: 'When Fin Asks',
  hugo: 'When Hugo Asks',
  'team-agent': 'When an Agent Asks',
};

let stage: Stage;
const workflows = {} as Record<Flow, Workflow>;
const urls = {} as Record<Flow, string>;
beforeAll(async () => {
  stage = await createStage([]);
  const { rest, credentials } = stage;
  for (const name of Object.keys(TRIGGERS) as Flow[]) {
    const file = join(__dirname, `../../workflows/${name}.json`);
    const json = JSON.parse(readFileSync(file, 'utf8')) as WorkflowJson;
    json.settings = { ...json.settings, saveDataSuccessExecution: 'all' };
    delete json.pinData;
    if (name === 'fin') parametersOf(json, TRIGGERS.fin).startWorkflow = true;
    workflows[name] = await rest.importWorkflow(json, { credentials });
    await rest.publish(workflows[name].id);
    urls[name] = await rest.webhookUrl(workflows[name], TRIGGERS[name]);
  }
  stage.crisp.hooks.subscribe({
    kind: 'website',
    url: `${await rest.webhookUrl(workflows.hugo, 'When a Visitor Writes')}?key=${encodeURIComponent(demo.crispHookKey)}`,
    events: ['message:send'],
  });
  await eventually(() => stage.connector.stats(demo.productId).subscribers >= 3);
  for (const name of ['ann', 'bob']) {
    const visitor = { sessionId: `s-${name}`, id: name, email: `${name}@example.com` };
    stage.connector.send(demo.productId, createFrames(visitor)([`${name} clicked Save`]));
  }
});
afterAll(() => stage?.stop());

function parametersOf({ nodes }: WorkflowJson, name: string): Record<string, unknown> {
  const { parameters } = nodes.find((one) => one.name === name)!;
  return parameters;
}

const userToken = (user_id: string) =>
  token({ user_id, exp: Date.now() / 1_000 + 600 }, demo.userTokenSecret);

async function fin(bearer: string, init: RequestInit = {}, query = '') {
  const headers = { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' };
  const response = await fetch(`${urls.fin}${query}`, { method: 'POST', headers, ...init });
  return { status: response.status, json: (await response.json()) as Answer };
}

it('Fin is told of the holder of the token, whatever else it sends', async () => {
  await eventually(async () => (await fin(userToken('ann'))).json.found);
  const body = JSON.stringify({ user_id: 'bob', email: 'bob@example.com' });
  const { status, json } = await fin(userToken('ann'), { body }, '?user_id=bob');
  expect(status).toBe(200);
  expect(json.last_actions).toContain('ann clicked Save');
  expect(JSON.stringify(json)).not.toContain('bob');
  expect((await fin(userToken('nobody-known'))).json).toMatchObject({ found: false });
  expect((await fin('forged')).status).toBe(401);
});

it('a question starts the workflow where it should', async () => {
  const id = workflows.fin.id;
  await eventually(async () => {
    const listed = await stage.rest.executions({ workflowId: id, status: ['success'] });
    const all = await Promise.all(listed.map(({ id }) => stage.rest.execution(id)));
    return all.some((one) =>
      outputOf(one, TRIGGERS.fin).some(
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
  const ask = async (session: string) => {
    const { headers, rawBody } = signed(call(), {
      session,
      now: Date.now(),
      secret: demo.hugoSecret,
      website: demo.crispWebsiteId,
      headers: { authorization: `Bearer ${demo.contextToken}` },
    });
    const response = await fetch(urls.hugo, {
      method: 'POST',
      headers: { ...(headers as Record<string, string>), 'Content-Type': 'application/json' },
      body: new Uint8Array(rawBody),
    });
    expect(response.status).toBe(200);
    const { result } = (await response.json()) as { result: { content: [{ text: string }] } };
    return JSON.parse(result.content[0].text) as Answer;
  };
  expect((await ask(session_id)).found).toBe(false);
  stage.crisp.visitorWrites(session_id, 'Why does this not work?');
  await eventually(async () => (await ask(session_id)).found);
  const answer = await ask(session_id.replace('session_', ''));
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
    return (await fetch(urls.hugo, { method: 'POST', headers, body })).status;
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
              endpointUrl: urls['team-agent'],
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
