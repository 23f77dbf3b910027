import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { systemClock } from '../../core/clock';
import { INTERCOM_TOPICS } from '../../core/intercom/webhook';
import { demo } from '../../simulators';
import { pushHeaders } from '../../simulators/connector';
import { createBrowser } from '../../simulators/posthog/sdk/browser';
import { outputOf, type Workflow, type WorkflowJson } from '../../tools/n8n';
import {
  ANSWERING,
  createContextWorld,
  userToken,
  type ContextWorld,
} from '../support/contextWorld';
import { createCrispWorld, type CrispWorld } from '../support/crispWorld';
import { eventually } from '../support/eventually';
import { createQueueStage, type QueueStage } from '../support/queueStage';
import { storeAsCredentialSays } from '../support/stage';
import { createWorld, type World } from '../support/world';

// Queue mode with a process for webhooks: the main process has the triggers and answers no webhook, the worker executes.

let queue: QueueStage;
let context: ContextWorld;
let world: World;
let crispWorld: CrispWorld;
beforeAll(async () => {
  queue = await createQueueStage(['crisp', 'intercom'], { workers: 1, webhooks: true });
  const { stage } = queue;
  world = await createWorld({}, stage);
  crispWorld = await createCrispWorld({}, stage);
  await eventually(stage.someoneListens);
  context = await createContextWorld(stage);
  for (const name of ['ann', 'bob']) context.act(name, `${name} clicked Save`);
});
afterAll(() => queue?.stop());

const rest = () => queue.stage.rest;
/** The numbers of a workflow's executions that webhooks started and that succeeded. */
const startedByWebhooks = async (workflowId: string) =>
  (await rest().executions({ workflowId, status: ['success'] }))
    .filter(({ mode }) => mode === 'webhook')
    .map(({ id }) => id);
const onWorker = (id: string) =>
  queue.n8n.workers[0]!.lines.some((line) =>
    new RegExp(`Worker started execution ${id}\\b`).test(line),
  );

/** Publishes a shipped workflow with another trigger in the place of its stream trigger, beside the others. */
async function publishWith(file: string, trigger: string, change: object): Promise<Workflow> {
  const path = join(__dirname, `../../workflows/${file}.json`);
  const json = JSON.parse(readFileSync(path, 'utf8')) as WorkflowJson;
  json.name = `${file} with another trigger`;
  json.settings = { ...json.settings, saveDataSuccessExecution: 'all' };
  delete json.pinData;
  Object.assign(
    json.nodes.find(({ name }) => name === trigger)!,
    change,
  );
  storeAsCredentialSays(json);
  const workflow = await rest().importWorkflow(json, { credentials: queue.stage.credentials });
  await rest().publish(workflow.id);
  queue.stage.intercom.webhooks.subscribe({
    url: await rest().webhookUrl(workflow, 'When a Visitor Writes'),
    topics: Object.values(INTERCOM_TOPICS),
    clientSecret: demo.intercomClientSecret,
  });
  return workflow;
}

describe('the Context Server', () => {
  it('answers Fin by POST and GET in the process for webhooks, from what the main process’s stream brought', async () => {
    await eventually(async () => (await context.fin(userToken('ann'))).json.found);
    for (const method of ['POST', 'GET']) {
      const { status, json } = await context.fin(userToken('ann'), { method }, '?user_id=bob');
      expect([method, status, json.last_actions]).toEqual([
        method,
        200,
        expect.stringContaining('ann clicked Save'),
      ]);
      expect(JSON.stringify(json)).not.toContain('bob');
    }
    const { pathname } = new URL(context.urls.fin);
    const headers = { Authorization: `Bearer ${userToken('ann')}` };
    const init = { method: 'POST', headers };
    expect((await fetch(`${queue.n8n.n8n.url}${pathname}`, init)).status).toBe(404);
  });

  it('refuses a forged token there, and says so in its log', async () => {
    expect((await context.fin('forged')).status).toBe(401);
    await eventually(() =>
      queue.n8n.webhooks!.lines.some((line) => line.includes('a question was refused')),
    );
  });

  it('starts the workflow with a question on the worker', async () => {
    const before = await startedByWebhooks(context.workflows.fin.id);
    expect((await context.fin(userToken('bob'))).json.found).toBe(true);
    let own: string | undefined;
    await eventually(async () => {
      const now = await startedByWebhooks(context.workflows.fin.id);
      for (const id of now.filter((one) => !before.includes(one))) {
        const items = outputOf(await rest().execution(id), ANSWERING.fin);
        if (items.some(({ user_id }) => user_id === 'bob')) own = id;
      }
      return own !== undefined;
    });
    const items = outputOf(await rest().execution(own!), ANSWERING.fin);
    expect(items).toMatchObject([{ type: 'question', asker: 'fin', answer: { found: true } }]);
    expect(onWorker(own!)).toBe(true);
  });

  it('answers Hugo about the session that the worker linked', async () => {
    const { crisp } = queue.stage;
    const data = { posthog_session_id: 's-ann' };
    const { session_id } = crisp.visitorOpens({ nickname: 'Ann', data });
    expect((await context.hugo(session_id)).found).toBe(false);
    crisp.visitorWrites(session_id, 'Why does this not work?');
    await eventually(async () => (await context.hugo(session_id)).found);
    const answer = await context.hugo(session_id);
    expect(answer.last_actions).toContain('ann clicked Save');
    expect(JSON.stringify(answer)).not.toContain('bob');
    // Questions start no execution unless asked to: only the message did, whose execution ends after it has linked.
    const linking = async () => await startedByWebhooks(context.workflows.hugo.id);
    await eventually(async () => (await linking()).length > 0);
    for (const id of await linking()) {
      expect(outputOf(await rest().execution(id), ANSWERING.hugo)).toEqual([]);
    }
  });

  it.each(['legacy', 'modern'])('answers an MCP client of the %s era', async (era) => {
    const mode = era === 'modern' ? { pin: '2026-07-28' } : undefined;
    const client = new Client(
      { name: 'test', version: '1' },
      mode ? { versionNegotiation: { mode } } : {},
    );
    const headers = { Authorization: `Bearer ${demo.contextToken}` };
    const url = new URL(context.urls['team-agent']);
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
    try {
      expect(client.getProtocolEra()).toBe(era);
      await eventually(async () => {
        const { content } = await client.callTool({
          name: 'visitor_activity',
          arguments: { email: 'bob@example.com' },
        });
        return JSON.stringify(content).includes('bob clicked Save');
      });
      expect(await startedByWebhooks(context.workflows['team-agent'].id)).toEqual([]);
    } finally {
      await client.close();
    }
  });
});

it('a conversation in Intercom gets its notes', async () => {
  const visitor = await world.linkedVisitor();
  visitor.act('User opened the billing page');
  await eventually(() => visitor.told().length === 2);
  expect(visitor.everTold()).toEqual([['came'], ['User opened the billing page']]);
  const [id] = await startedByWebhooks(world.workflow.id);
  expect(onWorker(id!)).toBe(true);
});

it('the bot in Crisp answers from what the visitor did', async () => {
  const visitor = crispWorld.newVisitor();
  visitor.act('User clicked Change plan');
  await eventually(async () => {
    const id = crispWorld.workflows.crisp.id;
    const ids = (await rest().executions({ workflowId: id, status: ['success'] })).slice(0, 5);
    const all = await Promise.all(ids.map((one) => rest().execution(one.id)));
    return all.some((one) =>
      outputOf(one, 'Remember Actions').some(
        ({ session_id, added }) => session_id === visitor.sessionId && added === 1,
      ),
    );
  });
  visitor.write('Why does this not work?');
  await eventually(() => visitor.replies().length === 1 && !visitor.isTyping());
  expect(visitor.replies()[0]?.content).toMatch(/clicked Change plan/);
});

it('each push is stored in the process for webhooks, and told once by an execution of its own', async () => {
  const pushed = await publishWith('intercom', 'Autoplay Stream', {
    type: 'n8n-nodes-autoplay.autoplayPushTrigger',
    parameters: {},
  });
  const url = await rest().webhookUrl(pushed, 'Autoplay Stream');
  const visitor = world.newVisitor();
  const post = async (body: string, secret: string = demo.pushSecret) => {
    const headers = { 'Content-Type': 'application/json', ...pushHeaders(body, secret) };
    return (await fetch(url, { method: 'POST', headers, body })).status;
  };
  const bodies = ['one', 'two'].map((one) => JSON.stringify(visitor.frame([one])));
  expect(await post(bodies[0]!, 'another')).toBe(403);
  for (const body of bodies) expect(await post(body)).toBe(200);
  visitor.write();
  await eventually(() => visitor.told().flat().length === 2);
  // What comes again is known to the memory, whichever process took it in.
  for (const body of bodies) expect(await post(body)).toBe(200);
  const three = JSON.stringify(visitor.frame(['three']));
  expect(await post(three)).toBe(200);
  await eventually(() => visitor.told().flat().includes('three'));
  expect(visitor.everTold().flat()).toEqual(['one', 'two', 'three']);
  // Three pushes with something new, and what the visitor wrote.
  await eventually(async () => (await startedByWebhooks(pushed.id)).length === 4);
});

it('PostHog’s deliveries are stored there, and the main process makes actions of them', async () => {
  await publishWith('intercom-posthog', 'PostHog Activity', { parameters: { source: 'webhook' } });
  const { posthog, intercom } = queue.stage;
  const browser = createBrowser({
    capture: (event) => posthog.capture(event),
    clock: systemClock,
    random: Math.random,
  });
  const tab = browser.tab();
  tab.view('/pricing', 'Pricing | Northwind Boards', { ago: 900 });
  browser.identify('hook-1', { email: 'hook1@example.com' });
  intercom.addContact({ external_id: 'hook-1', email: 'hook1@example.com', name: 'Ann' });
  const { id } = intercom.visitorStarts({ external_id: 'hook-1', text: 'Hello?' });
  const notes = () =>
    intercom.conversation(id).parts.filter(({ part_type }) => part_type === 'note');
  await eventually(
    () => notes().some(({ body }) => body?.includes('User opened the Pricing page')),
    undefined,
    notes,
  );
  expect(posthog.journal.violations).toEqual([]);
});
