import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { admins, demo } from '../../simulators';
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

/** A person whose session was told in Intercom, in Crisp and in a chat product of another kind. */
async function toldEverywhere(crispConversation?: string) {
  const { id, sessionId } = world.newVisitor();
  const { crisp, intercom } = world;
  const inIntercom = intercom.visitorStarts({ external_id: `other ${id}`, text: 'Hi' });
  const note = intercom.adminNotes(inIntercom.id, admins[0]!.id, 'clicked Save');
  const inCrisp = crisp.visitorOpens({ nickname: 'Ada' }).session_id;
  const { fingerprint } = crisp.operatorWrites(inCrisp, 'clicked Save');
  const { chain, memory } = createChains(world);
  const told = (conversationId: string, noteId: string, chat: object) =>
    [
      { operation: 'link', conversationId },
      { operation: 'claimActivity' },
      { operation: 'markDelivered', claim: '={{ $json.claim }}', noteId },
    ].map((parameters) => memory({ ...chat, ...parameters }));
  const tell = await chain(
    memory({ operation: 'remember' }),
    ...told(inIntercom.id, note.id, { chat: 'intercom' }),
    ...told(crispConversation ?? inCrisp, String(fingerprint), { chat: 'crisp' }),
    ...told(`77${id.length}`, '5', { chat: 'other', chatName: 'zendesk' }),
  );
  await tell({
    ...{ type: 'actions', product_id: 'p', session_id: sessionId, user_id: id, forwarded_at: 1 },
    actions: [{ description: 'clicked Save' }],
  });
  return {
    id,
    elsewhere: `zendesk 77${id.length}`,
    redacted: () => intercom.conversation(inIntercom.id).parts.map((part) => part.redacted),
    deleted: () => crisp.conversation(inCrisp).messages.map(({ removed }) => removed === true),
  };
}

async function answerTo(response: Response): Promise<string> {
  const { formWaitingUrl } = (await response.json()) as { formWaitingUrl?: string };
  return await (await fetch(formWaitingUrl!, { headers: signedIn })).text();
}

it('notes go in both chat products, and those of another are named', async () => {
  const person = await toldEverywhere();
  const before = (await world.rest.executions({ workflowId })).length;
  const response = await submit(['', person.id, '']);
  await execution(before);
  expect([person.redacted(), person.deleted()]).toEqual([[true], [true]]);
  const page = await answerTo(response);
  expect(page).toContain('notes removed: 2.');
  expect(page).toContain(`Look for notes by hand in: ${person.elsewhere}`);
});

it('a Crisp conversation that is gone keeps nobody from being forgotten', async () => {
  const person = await toldEverywhere('session_00000000-0000-4000-8000-000000000000');
  const before = (await world.rest.executions({ workflowId })).length;
  const response = await submit(['', person.id, '']);
  await execution(before);
  expect(await answerTo(response)).toContain('notes removed: 2.');
});

it('a note that cannot be taken away shows as a failed execution, whose retry does all that is left', async () => {
  const person = await toldEverywhere();
  const before = (await world.rest.executions({ workflowId })).length;
  world.intercom.faults.add({
    match: { path: /redact/ },
    effect: { kind: 'status', status: 403, message: 'not allowed' },
  });
  await submit(['', person.id, '']);
  const failed = await execution(before);
  expect(failed.status).toBe('error');
  expect(JSON.stringify(failed.data.resultData.error)).toContain('not allowed');
  expect(person.redacted()).toEqual([false]);
  await world.rest.request('POST', `/rest/executions/${failed.id}/retry`, { loadWorkflow: false });
  await execution(before + 1);
  expect([person.redacted(), person.deleted()]).toEqual([[true], [true]]);
});

it('nobody is forgotten where nobody is named', async () => {
  const before = (await world.rest.executions({ workflowId })).length;
  await submit(['', ' ', '']);
  expect((await execution(before)).data.resultData.error?.message).toContain(
    'This item names no person or session to forget',
  );
});
