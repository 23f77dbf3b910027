import { AutoplayStreamTrigger } from '../../nodes/AutoplayStreamTrigger/AutoplayStreamTrigger.node';
import {
  createConnectorSimulator,
  encodeFrame,
  type ConnectorSimulator,
} from '../../simulators/connector';
import {
  endTriggers,
  runTrigger,
  type TriggerRun,
  type TriggerRunOptions,
} from '../support/triggerNode';
import { until } from '../support/until';

let connector: ConnectorSimulator;
let streamUrl: string;
const runs: TriggerRun[] = [];

beforeEach(async () => {
  connector = createConnectorSimulator({ products: { shop: { token: 'uk_live_1' } } });
  streamUrl = `${(await connector.listen()).url}/stream/shop`;
});

afterEach(async () => {
  for (const run of runs.splice(0)) {
    for (const { end } of run.emitted) end('success');
    await run.close();
  }
  await connector.close();
});

afterAll(endTriggers);

async function run(options: Partial<TriggerRunOptions> = {}): Promise<TriggerRun> {
  const started = await runTrigger(new AutoplayStreamTrigger(), {
    credential: { streamUrl, token: 'uk_live_1' },
    parameters: { options: { quietPeriod: 5 } },
    ...options,
  });
  runs.push(started);
  return started;
}

/** Longer than a busy machine takes between two frames that were sent together. */
const PATIENT = { parameters: { options: { quietPeriod: 1_000 } } };

const subscribed = () => until(() => connector.stats('shop').subscribers === 1);

/** In one piece, so that they are read close to each other. */
function sendTogether(...frames: object[]): void {
  connector.sendRaw('shop', frames.map(encodeFrame).join(''));
}

function frame(sessionId: string, title: string): object {
  const actions = [{ title, description: title, canonical_url: '/pricing' }];
  return { type: 'actions', session_id: sessionId, actions, count: 1, forwarded_at: 1_700_000_000 };
}

it('turns the stream into one item per session', async () => {
  const { emitted } = await run(PATIENT);
  await subscribed();
  sendTogether(frame('s1', 'A'), frame('s2', 'B'), frame('s1', 'C'));
  await until(() => emitted.flatMap(({ items }) => items).length >= 2);
  expect(emitted.flatMap(({ items }) => items)).toMatchObject([
    { type: 'actions', product_id: 'shop', session_id: 's2', count: 1 },
    { session_id: 's1', count: 2, actions: [{ title: 'A' }, { title: 'C' }] },
  ]);
});

it('survives whatever else comes along, and goes on with the next frame', async () => {
  const { emitted } = await run();
  await subscribed();
  for (const junk of [null, [], 1, 'x', {}, { type: 'usertour_trigger', session_id: 's' }]) {
    connector.send('shop', junk);
  }
  connector.sendRaw('shop', 'data: {"broken\n\n');
  connector.sendRaw('shop', 'event: heartbeat\ndata:\n\n');
  connector.send('shop', { ...frame('s', 'A'), actions: [null, { title: 'kept' }] });
  await until(() => emitted.length === 1);
  expect(emitted[0]?.items).toMatchObject([{ session_id: 's', actions: [{ title: 'kept' }] }]);
  expect(connector.requests()).toHaveLength(1);
});

it('reads nothing from n8n after trigger() has returned, when expressions can no longer be read', async () => {
  const { context, emitted } = await run({
    parameters: { options: { quietPeriod: '={{ 2 + 3 }}' } },
  });
  // The proof that a late read would have thrown.
  expect(() => context.getNodeParameter('options')).toThrow(/bridge/i);
  await subscribed();
  connector.send('shop', frame('s', 'before'));
  await until(() => emitted.length === 1);
  emitted[0]?.end('success');
  connector.dropConnections();
  await until(() => connector.requests().length === 2);
  await subscribed();
  connector.send('shop', frame('s', 'after'));
  await until(() => emitted.length === 2);
});

it('keeps a session in one execution until n8n says that it has ended', async () => {
  const { emitted } = await run();
  await subscribed();
  connector.send('shop', frame('s', 'A'));
  await until(() => emitted.length === 1);
  connector.send('shop', frame('s', 'B'));
  connector.send('shop', frame('other', 'C'));
  await until(() => emitted.length === 2);
  expect(emitted[1]?.items).toMatchObject([{ session_id: 'other' }]);
  emitted[0]?.end('success');
  await until(() => emitted.length === 3);
  expect(emitted[2]?.items).toMatchObject([{ session_id: 's', actions: [{ title: 'B' }] }]);
});

it('shows a refusal as a failed execution with what to do, once, and stays', async () => {
  connector.behave({ mode: 'status', status: 401 });
  const { failedExecutions, close } = await run();
  await until(() => failedExecutions.length === 1);
  expect(failedExecutions[0]).toMatchObject({
    message: expect.stringContaining('401'),
    description: expect.stringContaining('token'),
  });
  await close();
  expect(failedExecutions).toHaveLength(1);
});

it('does not fail to start while the connector is down', async () => {
  await connector.close();
  const { failedExecutions } = await run();
  expect(failedExecutions).toHaveLength(0);
});

it('hands over what waits when it is closed, and closing twice does no harm', async () => {
  const { emitted, close } = await run();
  await subscribed();
  connector.send('shop', frame('s', 'A'));
  await until(() => emitted.length === 1);
  connector.send('shop', frame('s', 'B'));
  // Sent last and seen: so B has been read, and waits for the execution with A.
  connector.send('shop', frame('other', 'C'));
  await until(() => emitted.length === 2);
  const closed = close();
  await until(() => connector.stats('shop').subscribers === 0);
  emitted[0]?.end('success');
  await until(() => emitted.length === 3);
  expect(emitted[2]?.items).toMatchObject([{ session_id: 's', actions: [{ title: 'B' }] }]);
  emitted[2]?.end('success');
  await closed;
  await close();
  expect(emitted).toHaveLength(3);
});

describe('unfinished work of earlier executions', () => {
  it('is asked for when the stream first opens, where sessions are remembered', async () => {
    const { emitted } = await run({ next: 'n8n-nodes-autoplay.autoplaySessionMemory' });
    await until(() => emitted.length === 1);
    expect(emitted[0]?.items).toEqual([{ type: 'wake_up', product_id: 'shop' }]);
  });

  it('is not asked for where nobody would understand it', async () => {
    const { emitted } = await run({ next: 'n8n-nodes-base.set' });
    await subscribed();
    connector.send('shop', frame('s', 'A'));
    await until(() => emitted.length === 1);
    expect(emitted[0]?.items).toMatchObject([{ type: 'actions' }]);
  });
});

describe('a test run in the editor', () => {
  it('ends with the first activity and closes the stream', async () => {
    const { response } = await run({ mode: 'manual' });
    await response.manualTriggerFunction?.();
    await subscribed();
    connector.send('shop', frame('s1', 'A'));
    const output = await response.manualTriggerResponse;
    expect(output?.[0]?.map(({ json }) => json.session_id)).toEqual(['s1']);
    await until(() => connector.stats('shop').subscribers === 0);
  });

  it('says at once what is wrong when the connector refuses', async () => {
    connector.behave({ mode: 'status', status: 404 });
    const { response } = await run({ mode: 'manual' });
    await expect(response.manualTriggerFunction?.()).rejects.toMatchObject({
      message: expect.stringContaining('404'),
      description: expect.stringContaining('Stream URL'),
    });
  });

  it('says at once when the connector cannot be reached', async () => {
    await connector.close();
    const { response } = await run({ mode: 'manual' });
    await expect(response.manualTriggerFunction?.()).rejects.toThrow(/ECONNREFUSED/);
  });

  it('can be given up while nothing comes', async () => {
    const { response, close } = await run({ mode: 'manual' });
    await response.manualTriggerFunction?.();
    await subscribed();
    await close();
    await until(() => connector.stats('shop').subscribers === 0);
  });
});

describe('settings that can never work', () => {
  it.each(['', 'connector.example/stream/shop', 'ftp://connector.example/stream/shop'])(
    'a Stream URL of %j is refused at activation',
    async (url) => {
      await expect(run({ credential: { streamUrl: url } })).rejects.toThrow(/Stream URL/);
    },
  );

  it('so is an option that is not a number', async () => {
    const parameters = { options: { executionsAtOnce: '={{ "many" }}' } };
    await expect(run({ parameters })).rejects.toThrow(/Executions at Once/);
  });
});

describe('what the trigger leaves out', () => {
  const acts = (sessionId: string, types: string[], more: object = {}) => ({
    ...{ type: 'actions', session_id: sessionId, ...more },
    actions: types.map((type) => ({ type, title: type })),
  });
  const typesOf = ({ items }: TriggerRun['emitted'][number]) =>
    items.map((item) => [
      item.session_id,
      (item.actions as Array<{ type: string }>).map(({ type }) => type),
    ]);

  it('are focus and blur in a new node, and the next item says how many they were', async () => {
    const { emitted } = await run({ ...PATIENT, typeVersion: 1.1 });
    await subscribed();
    sendTogether(acts('s1', ['focus', 'type', 'BLUR', 'submit']), acts('s2', ['focus', 'blur']));
    await until(() => emitted.length === 1);
    expect(emitted.map(typesOf)).toEqual([[['s1', ['type', 'submit']]]]);
    expect(emitted[0]?.items[0]?.left_out_actions).toBe(4);
    sendTogether(acts('s2', ['click']));
    await until(() => emitted.length === 2);
    expect(emitted[1]?.items).toMatchObject([{ session_id: 's2', count: 1 }]);
    expect(emitted[1]?.items[0]).not.toHaveProperty('left_out_actions');
  });

  it('is nothing in a node of a workflow that was saved before', async () => {
    const { emitted } = await run();
    await subscribed();
    sendTogether(acts('s1', ['focus', 'blur']));
    await until(() => emitted.length === 1);
    expect(emitted.map(typesOf)).toEqual([[['s1', ['focus', 'blur']]]]);
  });

  const parameters = {
    leaveOutActions: [],
    options: {
      leaveOutTypes: ['scroll'],
      leaveOutPages: ['/admin/*'],
      leaveOutEmails: ['@staff.example'],
      leaveOutUsers: ['42'],
      onlyIdentified: true,
      quietPeriod: 5,
    },
  };
  const known = { user_id: 'u', email: 'u@x.example' };
  const sendAll = () =>
    sendTogether(
      acts('unknown', ['click']),
      acts('staff', ['click'], { email: 'ann@staff.example' }),
      acts('tester', ['click'], { user_id: 42 }),
      { ...acts('admin', [], known), actions: [{ title: 'A', raw_url: 'https://x.y/admin/1' }] },
      acts('s', ['scroll', 'focus'], known),
    );

  it('is what the options name', async () => {
    const { emitted } = await run({ parameters, typeVersion: 1.1 });
    await subscribed();
    sendAll();
    await until(() => emitted.length > 0);
    expect(emitted.map(typesOf)).toEqual([[['s', ['focus']]]]);
  });

  it('does not end a test in the editor', async () => {
    const { response } = await run({ parameters, mode: 'manual', typeVersion: 1.1 });
    await response.manualTriggerFunction?.();
    await subscribed();
    sendAll();
    const output = await response.manualTriggerResponse;
    expect(output?.[0]?.map(({ json }) => json.session_id)).toEqual(['s']);
  });

  it.each([
    [['/a?b=c'], 'has a question mark'],
    [[`/${'a'.repeat(300)}`], 'longer than 200 characters'],
  ])('refuses a pattern of pages that cannot be used (%#)', async (leaveOutPages, reason) => {
    const parameters = { options: { leaveOutPages } };
    await expect(run({ parameters, typeVersion: 1.1 })).rejects.toMatchObject({
      message: expect.stringContaining(reason),
      description: expect.stringContaining('/admin/*'),
    });
  });
});
