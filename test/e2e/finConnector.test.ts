import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../core/clock';
import { demo } from '../../simulators';
import { askByConnector } from '../../simulators/agents';
import type { DataConnector } from '../../simulators/intercom';
import type { Workflow, WorkflowJson } from '../../tools/n8n';
import { token } from '../support/agents';
import { eventually } from '../support/eventually';
import { createFrames, createStage, type Stage } from '../support/stage';

// A real n8n publishes the shipped workflow, which makes Fin's data connector in Intercom.

const NODE = 'When Fin Asks';

let stage: Stage;
let json: WorkflowJson;
let workflow: Workflow;
beforeAll(async () => {
  stage = await createStage([], { own: true });
  json = JSON.parse(
    readFileSync(join(__dirname, '../../workflows/fin.json'), 'utf8'),
  ) as WorkflowJson;
  delete json.pinData;
});
afterAll(() => stage?.stop());

const all = () => stage.intercom.connectors.all();
const one = (): DataConnector => {
  expect(all()).toHaveLength(1);
  return all()[0]!;
};
const calls = () =>
  stage.intercom.journal.requests.filter(({ path }) => path.startsWith('/data_connectors'));

/** Saves the workflow with these parameters, and publishes it. */
async function publish(parameters: Record<string, unknown>): Promise<void> {
  const node = json.nodes.find(({ name }) => name === NODE)!;
  node.parameters = { ...node.parameters, createConnector: true, ...parameters };
  const { rest, credentials } = stage;
  workflow = await rest.importWorkflow(json, { credentials });
  await rest.publish(workflow.id);
}

it('as it is shipped, the workflow is published without an Intercom credential and calls nobody', async () => {
  const { intercomConversationApi: _, ...credentials } = stage.credentials;
  workflow = await stage.rest.importWorkflow(json, { credentials });
  await stage.rest.publish(workflow.id);
  await stage.rest.unpublish(workflow.id);
  expect(calls()).toEqual([]);
});

it('publishing makes one draft, and publishing again no second one', async () => {
  await publish({});
  expect(one()).toMatchObject({ state: 'draft', http_method: 'post', direct_fin_usage: true });
  const { pathname } = new URL(await stage.rest.webhookUrl(workflow, NODE));
  expect(new URL(one().url!).pathname).toBe(pathname);
  await stage.rest.publish(workflow.id);
  await publish({ minutes: 45 });
  one();
});

it('Fin is answered by the connector as it was made, once a person has attached the token', async () => {
  await eventually(() => stage.connector.stats(demo.productId).subscribers > 0);
  const visitor = { sessionId: 's-ann', id: 'ann', email: 'ann@example.com' };
  stage.connector.send(demo.productId, createFrames(visitor)(['ann clicked Save']));
  const ask = async (secret: string) => {
    const claims = { user_id: 'ann', exp: Date.now() / 1_000 + 600 };
    const authentication = { Authorization: `Bearer ${token(claims, secret)}` };
    return await askByConnector(one(), { authentication }, systemClock);
  };
  await eventually(async () => (await ask(demo.userTokenSecret)).values.found === true);
  expect(await ask(demo.userTokenSecret)).toMatchObject({
    status: 200,
    missing: [],
    values: { last_actions: expect.stringContaining('ann clicked Save') },
  });
  expect((await ask('another secret of thirty-two letters')).status).toBe(401);
});

it('unpublishing deletes the draft', async () => {
  await stage.rest.unpublish(workflow.id);
  await eventually(() => all().length === 0);
});

it('a restart of n8n calls nobody, and makes no second one', async () => {
  await publish({});
  stage.intercom.journal.clear();
  await stage.restart();
  await eventually(async () => (await fetch(one().url!, { method: 'HEAD' })).status === 200);
  expect(calls()).toEqual([]);
  one();
});

it('what Intercom keeps stays, and publishing again finds it', async () => {
  const { id } = one();
  stage.intercom.connectors.edit(id, { state: 'live', description: 'Ours' });
  await stage.rest.unpublish(workflow.id);
  stage.intercom.connectors.edit(id, { state: 'draft' });
  stage.intercom.connectors.use(id, true);
  await publish({ minutes: 50 });
  await stage.rest.unpublish(workflow.id);
  await publish({ minutes: 55 });
  expect(one()).toMatchObject({ id, description: 'Ours', in_use: true });
});

it('after n8n moved, publishing anew gives the connector its new address', async () => {
  const { id, url } = one();
  await stage.restart({ env: { WEBHOOK_URL: 'https://moved.example.com/' } });
  // A newer n8n calls no node when it starts, nor when a node is published that has not changed.
  await stage.rest.unpublish(workflow.id);
  await stage.rest.publish(workflow.id);
  const moved = `https://moved.example.com${new URL(url!).pathname}`;
  expect(one()).toMatchObject({ id, description: 'Ours', url: moved });
});

it('a token without the permission keeps the workflow from being published, and says why', async () => {
  await stage.rest.unpublish(workflow.id);
  stage.intercom.faults.add({
    match: { path: /^\/data_connectors/ },
    times: Infinity,
    effect: { kind: 'status', status: 401, code: 'token_unauthorized', message: 'Not for you' },
  });
  await expect(publish({ minutes: 60 })).rejects.toThrow(/may not manage data connectors/);
  expect(stage.intercom.journal.violations).toEqual([]);
});
