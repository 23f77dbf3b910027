import { join } from 'node:path';
import { demo } from '../../simulators';
import { createChains, type Step } from '../support/chains';
import { createCrispWorld, type CrispWorld } from '../support/crispWorld';
import { eventually, pause } from '../support/eventually';
import { filesIn, leaks, type Place } from '../support/leaks';
import { wrongCredentials, WRONG } from '../support/wrongCredentials';

// Flows that succeed and fail in every way at hand; then everything n8n wrote is searched.

/** What opens the simulators, and so what n8n's credentials hold. */
const RIGHT = {
  'stream token': demo.connectorToken,
  'Intercom token': demo.intercomToken,
  'Intercom client secret': demo.intercomClientSecret,
  'Crisp key': demo.crispTokenKey,
  'Crisp hook secret': demo.crispHookKey,
  'model key': demo.modelKey,
};

/** Of visitors; may stand in executions and in the memory, and in no log that is kept by default. */
const PERSONAL = {
  action: 'pLaNtEd action of a visitor',
  message: 'pLaNtEd message of a visitor',
  email: 'visitor1@example.com',
  other: 'planted.person@example.com',
};

let world: CrispWorld;
beforeAll(async () => {
  world = await createCrispWorld({ env: { N8N_LOG_LEVEL: 'debug', N8N_LOG_FORMAT: 'json' } });
  world.intercom.webhooks.subscribe({
    url: await world.webhookUrl('intercom'),
    topics: ['conversation.user.created', 'conversation.user.replied'],
    clientSecret: demo.intercomClientSecret,
  });
  await eventually(world.someoneListens);
});
afterAll(() => world?.stop());

async function everyExecution(): Promise<Place[]> {
  const all = await world.rest.executions({}, 250);
  return await Promise.all(
    all.map(async ({ id }) => ({
      name: `execution ${id}`,
      content: Buffer.from(
        JSON.stringify(await world.rest.request('GET', `/rest/executions/${id}`)),
      ),
    })),
  );
}

/** What n8n logged, by whether it is shown without debugging. */
function logs(): { all: Place; shown: Place; lines: string[] } {
  const isDebug = (line: string) => /"level":"(debug|silly|verbose)"/.test(line);
  const shown = world.logs.filter((line) => !isDebug(line));
  const place = (name: string, lines: string[]) => ({
    name,
    content: Buffer.from(lines.join('\n')),
  });
  return { all: place('log', world.logs), shown: place('log', shown), lines: shown };
}

it('flows that work, and flows that fail in many ways, run', async () => {
  const visitor = world.newVisitor((it) => ({
    email: it.email,
    data: { posthog_session_id: it.sessionId, posthog_distinct_id: it.id },
  }));
  const { id, email } = visitor;
  await visitor.acted(...Array.from({ length: 25 }, (_, i) => `${PERSONAL.action} ${i}`));
  world.intercom.visitorStarts({ external_id: id, email, text: PERSONAL.message });
  visitor.write(PERSONAL.message);
  await eventually(() => visitor.replies().length === 1);

  // Services that repeat what they refuse, and connections that break.
  const refusing = (secret: string) =>
    ({ kind: 'status', status: 401, message: `The token ${secret} is not known` }) as const;
  const { intercom, crisp, model, connector } = world;
  intercom.faults.add({ match: { method: 'POST' }, effect: refusing(demo.intercomToken) });
  intercom.faults.add({ match: { method: 'POST' }, effect: { kind: 'reset-before' }, times: 4 });
  // A session that is known by an address alone, and so is named after it.
  const { id: named } = intercom.visitorStarts({ external_id: 'x', text: PERSONAL.message });
  connector.send(demo.productId, {
    type: 'actions',
    product_id: demo.productId,
    email: PERSONAL.other,
    conversation_id: named,
    actions: [{ description: PERSONAL.action }],
  });
  visitor.act(`${PERSONAL.action}, refused`);
  await eventually(async () => (await world.executionsOf('intercom', ['error'])).length > 0);
  crisp.faults.add({ match: { method: 'GET' }, effect: refusing(demo.crispTokenKey) });
  visitor.write(PERSONAL.message);
  await eventually(async () => (await world.executions(['error'])).length > 0);
  crisp.faults.add({ match: { method: 'POST' }, effect: { kind: '500-after' }, times: 2 });
  // The node that answers is n8n's own, and tells what the model's server said.
  model.behave({ mode: 'status', status: 401, message: 'Incorrect key', times: 2 });
  visitor.write(PERSONAL.message);
  await eventually(() => visitor.replies().length >= 3);
  model.behave({
    mode: 'status',
    status: 401,
    message: `Incorrect key ${demo.modelKey}`,
    times: 2,
  });
  await visitor.acted(...Array.from({ length: 10 }, (_, i) => `${PERSONAL.action}, again ${i}`));

  // Deliveries that are wrong in one respect.
  const body = JSON.stringify({ topic: 'ping', text: PERSONAL.message, email: PERSONAL.other });
  const post = async (url: string, headers: Record<string, string> = {}, text = body) =>
    (
      await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: text,
      })
    ).status;
  const intercomUrl = await world.webhookUrl('intercom');
  expect(await post(intercomUrl, { 'X-Hub-Signature': `sha1=${demo.intercomClientSecret}` })).toBe(
    403,
  );
  expect(await post(`${world.hookUrl}?key=${demo.crispHookKey}x`)).toBe(403);
  expect(await post(world.keyedUrl, { 'X-Crisp-Signature': demo.crispHookKey })).toBe(403);
  await post(world.keyedUrl, {}, `{"broken": "${PERSONAL.message}`);

  connector.behave({ mode: 'status', status: 401 });
  connector.dropConnections();
  await eventually(async () => {
    const all = await world.rest.executions({ status: ['error'] }, 100);
    return all.filter(({ mode }) => mode === 'trigger').length >= 2;
  });
  connector.behave({ mode: 'normal' });
});

it('flows with wrong addresses, in which secrets stand, run', async () => {
  const credentials = await wrongCredentials(world.rest, world.urls);
  const { chain } = createChains({ rest: world.rest, credentials });
  const node = (type: string, parameters: object): Step => ({
    type: `n8n-nodes-autoplay.${type}`,
    parameters,
    onError: 'continueRegularOutput',
  });
  const note = { resource: 'note', operation: 'post', text: PERSONAL.message };
  const frame = {
    type: 'actions',
    session_id: 's',
    conversation_id: '1',
    email: PERSONAL.other,
    actions: [{ description: PERSONAL.action }],
  };
  for (const step of [
    node('intercomConversation', { ...note, adminId: '1' }),
    node('intercomConversation', note),
    node('crispConversation', note),
    // Remember would wait for ten minutes for the memory to come back.
    node('autoplaySessionMemory', { operation: 'recall', userId: '70' }),
    node('autoplaySummarizeSession', { threshold: 1, sessions: 'all' }),
  ]) {
    const run = await chain(step);
    const out = (await run(frame).catch((error: Error) => error.message)) as unknown;
    expect(leaks(WRONG, [{ name: step.type, content: Buffer.from(JSON.stringify(out)) }])).toEqual(
      [],
    );
  }
  const stream = {
    id: 's',
    name: 'Stream',
    type: 'n8n-nodes-autoplay.autoplayStreamTrigger',
    typeVersion: 1,
    position: [0, 0],
    parameters: {},
  };
  const end = { ...stream, id: 'e', name: 'End', type: 'n8n-nodes-base.noOp' };
  const connections = { Stream: { main: [[{ node: 'End', type: 'main', index: 0 }]] } };
  const workflow = await world.rest.importWorkflow(
    { name: 'wrong stream', nodes: [stream, end] as never, connections },
    { credentials },
  );
  await world.rest.publish(workflow.id).catch(() => undefined);
  await pause(3_000);
  // The editor's button that tries a credential.
  for (const [type, { id }] of Object.entries(credentials)) {
    const data = {
      id,
      name: type,
      type,
      data: (
        await world.rest.request<{ data: object }>(
          'GET',
          `/rest/credentials/${id}?includeData=true`,
        )
      ).data,
    };
    const said = await world.rest
      .request('POST', '/rest/credentials/test', { credentials: data })
      .catch((error: Error) => error.message);
    expect(
      leaks(WRONG, [{ name: `the test of ${type}`, content: Buffer.from(JSON.stringify(said)) }]),
    ).toEqual([]);
  }
});

it('no secret stands in what n8n logged, in executions, or in any file', async () => {
  const secrets = { ...RIGHT, ...WRONG };
  const executions = await everyExecution();
  expect(executions.length).toBeGreaterThan(10);
  expect(leaks(secrets, executions)).toEqual([]);
  expect(leaks(secrets, [logs().all])).toEqual([]);
  // n8n's database (where credentials are encrypted), its logs, our memory; not the installed code.
  const files = filesIn(join(world.userFolder, '.n8n'), ['node_modules']);
  const names = files.map(({ name }) => name);
  for (const name of ['database.sqlite', 'memory.sqlite']) {
    expect(names).toContainEqual(expect.stringContaining(name));
  }
  // The search finds what is there.
  expect(leaks({ action: PERSONAL.action }, files).length).toBeGreaterThan(0);
  expect(leaks(secrets, files)).toEqual([]);
});

it('nothing of visitors stands in what n8n logs without debugging', () => {
  const { shown, lines } = logs();
  expect(lines.length).toBeGreaterThan(10);
  expect(shown.content.toString()).toContain('was refused');
  expect(leaks(PERSONAL, [shown])).toEqual([]);
});
