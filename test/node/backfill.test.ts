import type { IDataObject } from 'n8n-workflow';
import { AutoplayStreamTrigger } from '../../nodes/AutoplayStreamTrigger/AutoplayStreamTrigger.node';
import { demo, startSimulators, type Simulators } from '../../simulators';
import { linesOf } from '../support/conversation';
import { runWorkflow } from '../support/runWorkflow';
import { simulatedCredentials } from '../support/simulated';
import { createFrames } from '../support/stage';
import { endTriggers, runTrigger, type TriggerRun } from '../support/triggerNode';
import { until } from '../support/until';
import { plainText } from '../support/world';
import intercom from '../../workflows/intercom.json';

// The trigger and the shipped workflow's steps with n8n's own engine, and a connection that is cut.

let simulators: Simulators;
const runs: TriggerRun[] = [];

beforeEach(async () => {
  simulators = await startSimulators({ lively: false });
});

afterEach(async () => {
  for (const run of runs.splice(0)) {
    for (const { end } of run.emitted) end('success');
    await run.close();
  }
  await simulators.stop();
});

afterAll(endTriggers);

/** Runs a part of the workflow whose trigger is under test. */
const execute = async (start: string, items: IDataObject[]) => {
  const credentials = simulatedCredentials(simulators.urls);
  const workflow = { ...intercom, name: 'w' };
  const { data } = await runWorkflow(workflow, { start, items, credentials });
  expect(data.resultData.error).toBeUndefined();
};

async function listen(typeVersion: number, options: IDataObject = {}) {
  const trigger = await runTrigger(new AutoplayStreamTrigger(), {
    credential: { streamUrl: simulators.urls.stream, token: demo.connectorToken },
    parameters: { options: { quietPeriod: 5, ...options } },
    typeVersion,
  });
  runs.push(trigger);
  await subscribed();
  let taken = 0;
  return {
    /** Runs the next execution, and returns what it began with. */
    async next(): Promise<string[]> {
      await until(() => trigger.emitted.length > taken);
      const { items, end } = trigger.emitted[taken++]!;
      await execute('Autoplay Stream', items);
      end('success');
      return items.flatMap(({ actions }) =>
        (actions as Array<{ description: string }>).map(({ description }) => description),
      );
    },
    waiting: () => trigger.emitted.length - taken,
  };
}

const { productId } = demo;
const subscribed = () => until(() => simulators.connector.stats(productId).subscribers === 1);
const asked = () => simulators.connector.activity.requests().length;
const send = (frame: object) => simulators.connector.send(productId, frame);

/** Cuts the connection; what is sent while it is away, the stream loses. */
async function cut(meanwhile: () => void = () => {}): Promise<void> {
  simulators.connector.dropConnections();
  await until(() => simulators.connector.stats(productId).subscribers === 0);
  meanwhile();
  await subscribed();
}

function writes(id: string, email: string) {
  const { id: conversation_id } = simulators.intercom.visitorStarts({
    external_id: id,
    text: 'Hi',
  });
  const told = () =>
    simulators.intercom
      .conversation(conversation_id)
      .parts.flatMap(({ body }) => linesOf(plainText(body)));
  const write = () =>
    execute('When a Visitor Writes', [{ conversation_id, user_id: id, email, event: 'message' }]);
  return { told, write };
}

/** New for each test, because the tests share a memory. */
let visitor: { id: string; sessionId: string; email: string };
let visitors = 0;

beforeEach(() => {
  const id = `u${++visitors}`;
  visitor = { id, sessionId: `session of ${id}`, email: `${id}@example.com` };
});

it('what happens while the connection is lost stands in the notes once', async () => {
  const { next, waiting } = await listen(1.1);
  const frames = createFrames(visitor);
  const { told, write } = writes(visitor.id, visitor.email);
  send(frames(['before']));
  expect(await next()).toEqual(['before']);
  await write();
  await cut(() => send(frames(['lost 1', 'lost 2'])));
  expect(await next()).toEqual(['lost 1', 'lost 2']);
  await cut();
  await until(() => asked() === 2);
  send(frames(['after']));
  expect(await next()).toEqual(['after']);
  expect(waiting()).toBe(0);
  expect(told()).toEqual(['before', 'lost 1', 'lost 2', 'after']);
});

it('a conversation that waits for a visitor gets what they did, and then what the stream brings', async () => {
  // Before the trigger listens.
  const frames = createFrames(visitor);
  send(frames(['early 1', 'early 2']));
  const { next } = await listen(1.1);
  const { told, write } = writes(visitor.id, visitor.email);
  await write();
  expect(await next()).toEqual(['early 1', 'early 2']);
  send(frames(['now']));
  expect(await next()).toEqual(['now']);
  expect(told()).toEqual(['early 1', 'early 2', 'now']);
});

it.each([
  ['a node of version 1', 1, {}],
  ['a node where it is off', 1.1, { backfill: false }],
])('%s asks for nothing', async (_name, typeVersion, options) => {
  const { next } = await listen(typeVersion, options);
  const frames = createFrames(visitor);
  send(frames(['before']));
  await next();
  await writes('unknown', 'unknown@example.com').write();
  await cut(() => send(frames(['lost'])));
  // A whole connection later, a question would have been asked.
  await cut();
  send(frames(['after']));
  expect(await next()).toEqual(['after']);
  expect(asked()).toBe(0);
});

it('a node of version 1 asks once the option is added', async () => {
  const { next } = await listen(1, { backfill: true });
  const frames = createFrames(visitor);
  send(frames(['before']));
  await next();
  await cut(() => send(frames(['lost'])));
  expect(await next()).toEqual(['lost']);
});

it.each([401, 404])('a connector that answers %i is asked by nobody further', async (status) => {
  simulators.connector.activity.behave({ mode: 'status', status });
  const { next } = await listen(1.1);
  const frames = createFrames(visitor);
  send(frames(['before']));
  await next();
  await cut(() => send(frames(['lost'])));
  await until(() => asked() === 1);
  send(frames(['after']));
  expect(await next()).toEqual(['after']);
  expect(asked()).toBe(1);
});
