import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demo } from '../../simulators';
import { outputOf, type WorkflowJson } from '../../tools/n8n';
import { createChains } from '../support/chains';
import { createCrispWorld, type ChatVisitor, type CrispWorld } from '../support/crispWorld';
import { eventually } from '../support/eventually';

const BASIC = { user: 'privacy', password: 'a long password' };

let world: CrispWorld;
let formUrl: string;
let workflowId: string;
beforeAll(async () => {
  // Its own: what is forgotten is forgotten in all memories of an n8n.
  world = await createCrispWorld({ own: true });
  world.intercom.webhooks.subscribe({
    url: await world.webhookUrl('intercom'),
    topics: ['conversation.user.created', 'conversation.user.replied'],
    clientSecret: demo.intercomClientSecret,
  });
  const file = join(__dirname, '../../workflows/forget.json');
  const json = JSON.parse(readFileSync(file, 'utf8')) as WorkflowJson;
  // What became of it is looked at in the execution, which the shipped one does not keep.
  json.settings = { ...json.settings, saveDataSuccessExecution: 'all' };
  const httpBasicAuth = await world.rest.upsertCredential('httpBasicAuth', 'form', BASIC);
  const credentials = { ...world.credentials, httpBasicAuth };
  const workflow = await world.rest.importWorkflow(json, { credentials });
  await world.rest.publish(workflow.id);
  workflowId = workflow.id;
  const form = workflow.nodes.find(({ name }) => name === 'Forget Form')!;
  formUrl = `${world.rest.baseUrl}/form/${form.webhookId}`;
  await eventually(world.someoneListens);
});
afterAll(() => world?.stop());

const signedIn = {
  Authorization: `Basic ${Buffer.from(`${BASIC.user}:${BASIC.password}`).toString('base64')}`,
};

/** Fills in the form: email, user id, session id. */
async function submit(fields: string[], headers: Record<string, string> = signedIn) {
  const body = new FormData();
  fields.forEach((value, i) => body.append(`field-${i}`, value));
  return await fetch(formUrl, { method: 'POST', headers, body });
}

/** The execution after so many. */
async function execution(after: number) {
  const ended = async () =>
    await world.rest.executions({ workflowId, status: ['success', 'error', 'waiting'] });
  await eventually(async () => (await ended()).length > after);
  return await world.rest.execution((await ended())[0]!.id);
}

/** How often the visitor stands in memories. */
async function sessionsOf(visitor: ChatVisitor) {
  const { chain, memory } = createChains(world);
  const forget = await chain(
    memory({ operation: 'forget', forgetBy: 'session_id', forgetValue: visitor.sessionId }),
  );
  const [{ forgotten }] = await forget({});
  return forgotten.sessions as number;
}

it('the form opens for nobody without its password', async () => {
  expect((await fetch(formUrl)).status).toBe(401);
  expect((await submit(['x@example.com', '', ''], {})).status).toBe(401);
  const page = await fetch(formUrl, { headers: signedIn });
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('Forget a person');
  expect(await world.rest.executions({ workflowId })).toEqual([]);
});

it('a person is forgotten by a name they had before, in both workflows, and their notes go', async () => {
  const visitor = world.newVisitor();
  const other = world.newVisitor();
  const earlier = 'before@example.com';
  world.connector.send(demo.productId, {
    type: 'actions',
    product_id: demo.productId,
    session_id: visitor.sessionId,
    email: earlier,
    forwarded_at: 1,
    actions: [{ description: 'came by' }],
  });
  visitor.act('User clicked Save');
  await other.acted('User clicked Open');
  const open = ({ id, email }: ChatVisitor) =>
    world.intercom.visitorStarts({ external_id: id, email, text: 'Hi' }).id;
  const notes = (conversation: string) =>
    world.intercom.conversation(conversation).parts.filter(({ part_type }) => part_type === 'note');
  const [theirs, others] = [open(visitor), open(other)];
  await eventually(() => notes(theirs).length === 1 && notes(others).length === 1);

  const before = (await world.rest.executions({ workflowId })).length;
  const response = await submit([earlier, '', '']);
  expect(response.status).toBe(200);
  const done = await execution(before);
  expect(outputOf(done, 'Forget')).toMatchObject([
    {
      forgotten: {
        sessions: 2,
        actions: 4,
        links: 1,
        notes: [{ chat: 'intercom' }],
        notes_without_id: [],
      },
    },
  ]);
  expect(notes(theirs).map(({ redacted }) => redacted)).toEqual([true]);
  expect(notes(others).map(({ redacted }) => redacted)).toEqual([false]);
  expect([await sessionsOf(visitor), await sessionsOf(other)]).toEqual([0, 2]);
  // What the person at the form is told.
  const { formWaitingUrl } = (await response.json()) as { formWaitingUrl?: string };
  const page = await fetch(formWaitingUrl!, { headers: signedIn });
  expect(await page.text()).toContain('Sessions: 2, actions: 4');
});

it('a note that cannot be taken away shows as a failed execution', async () => {
  const visitor = world.newVisitor();
  await visitor.acted('User clicked Save');
  const { id } = world.intercom.visitorStarts({ external_id: visitor.id, text: 'Hi' });
  await eventually(() =>
    world.intercom.conversation(id).parts.some(({ part_type }) => part_type === 'note'),
  );
  const before = (await world.rest.executions({ workflowId })).length;
  world.intercom.faults.add({
    match: { path: /redact/ },
    effect: { kind: 'status', status: 403, message: 'not allowed' },
  });
  await submit(['', visitor.id, '']);
  const failed = await execution(before);
  expect(failed.status).toBe('error');
  expect(JSON.stringify(failed.data.resultData.error)).toContain('not allowed');
});

it('nobody is forgotten where nobody is named', async () => {
  const before = (await world.rest.executions({ workflowId })).length;
  await submit(['', ' ', '']);
  expect((await execution(before)).data.resultData.error?.message).toContain('Nobody was named');
});
