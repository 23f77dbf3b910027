import { Client } from 'pg';
import { outputOf, type QueueN8n, type Worker } from '../../tools/n8n';
import type { DatabaseAddress } from '../../tools/servers/postgres';
import { createCrispWorld, type CrispWorld } from '../support/crispWorld';
import { eventually, pause } from '../support/eventually';
import { createQueueStage, type QueueStage } from '../support/queueStage';
import { createWorld, THRESHOLD, type Visitor, type World } from '../support/world';

// One main process and two workers, with n8n's own database and the memory in PostgreSQL.

let queue: QueueStage;
let memory: DatabaseAddress;
let n8n: QueueN8n;
let world: World;
let crispWorld: CrispWorld;

beforeAll(async () => {
  queue = await createQueueStage(['crisp', 'intercom'], { workers: 2 });
  ({ n8n, memory } = queue);
  world = await createWorld({}, queue.stage);
  crispWorld = await createCrispWorld({}, queue.stage);
  await eventually(world.someoneListens);
});
afterAll(() => queue?.stop());
afterEach(() => {
  world.intercom.faults.clear();
});

const killed = new Set<Worker>();
const running = () => n8n.workers.filter((worker) => !killed.has(worker));
const numbered = (count: number, name = 'action') =>
  Array.from({ length: count }, (_, i) => `${name} ${i + 1}`);
const startedBy = (worker: Worker) =>
  worker.lines.filter((line) => line.includes('Worker started execution')).length;
const isAtWork = (worker: Worker) =>
  startedBy(worker) > worker.lines.filter((line) => /Worker finished execution/.test(line)).length;

it('notes and a summary come from the workers, in order and once', async () => {
  const visitors = await Promise.all(Array.from({ length: 6 }, () => world.linkedVisitor()));
  for (const part of [1, 2, 3]) {
    for (const visitor of visitors) visitor.act(...numbered(3, `part ${part}`));
    await pause(400);
  }
  const expected = ['came', ...[1, 2, 3].flatMap((part) => numbered(3, `part ${part}`))];
  await eventually(() => visitors.every((one) => one.told().flat().length === expected.length));
  for (const visitor of visitors) expect(visitor.told().flat()).toEqual(expected);
  const [first] = visitors;
  first!.act(...numbered(THRESHOLD, 'more'));
  await first!.summedUp();
  expect(world.intercom.journal.violations).toEqual([]);
  // Neither the main process nor one worker alone did all of it.
  expect(n8n.workers.map((worker) => startedBy(worker) > 0)).toEqual([true, true]);
});

it('the bot answers from what the visitor did', async () => {
  const visitor = crispWorld.newVisitor();
  visitor.act('User opened the billing page', 'User clicked Change plan');
  await eventually(async () => (await remembered(crispWorld, visitor.sessionId)) === 2);
  visitor.write('Why does this not work?');
  await eventually(() => visitor.replies().length === 1 && !visitor.isTyping());
  expect(visitor.replies()[0]?.content).toMatch(/clicked Change plan/);
  const question = crispWorld.questions().find(({ message }) => message.startsWith('Why does'));
  expect(question?.activity).toContain('User opened the billing page');
});

/** How many actions of a session a workflow has remembered lately. */
async function remembered(
  { executions: of }: Pick<World, 'executions'>,
  sessionId: string,
): Promise<number> {
  const executions = await of(['success']);
  let most = 0;
  for (const { id, mode } of executions.slice(0, 10)) {
    if (mode !== 'trigger') continue;
    for (const item of outputOf(await world.rest.execution(id), 'Remember Actions')) {
      if (item.session_id === sessionId) most += Number(item.added);
    }
  }
  return most;
}

it('what a webhook’s execution failed at is tried again, though nobody does anything more', async () => {
  const visitor = world.newVisitor();
  visitor.act('one', 'two');
  await eventually(async () => (await remembered(world, visitor.sessionId)) === 2);
  const failures = (await world.executions(['error'])).length;
  world.intercom.faults.add({
    match: { method: 'POST', path: /reply$/ },
    effect: { kind: 'status', status: 403 },
  });
  visitor.write();
  await eventually(async () => (await world.executions(['error'])).length > failures);
  expect(visitor.told()).toEqual([]);
  // The trigger, in the main process, hears nothing of it: it finds it in the memory.
  await eventually(() => visitor.told().length === 1);
  expect(visitor.told()).toEqual([['one', 'two']]);
  let brought: unknown;
  await eventually(async () => (brought = await whatResumed(visitor.sessionId)) !== undefined);
  expect(brought).toMatchObject([{ type: 'wake_up', only_due: true }]);
});

/** What the trigger gave to the execution that took up a session's unfinished work. */
async function whatResumed(sessionId: string): Promise<unknown> {
  for (const { id, mode } of await world.executions(['success'])) {
    if (mode !== 'trigger') continue;
    const execution = await world.rest.execution(id);
    const remembered = outputOf(execution, 'Remember Actions');
    if (remembered.some((item) => item.resumed === true && item.session_id === sessionId)) {
      return outputOf(execution, 'Autoplay Stream');
    }
  }
  return undefined;
}

it('an outage of Intercom keeps nobody’s activity from being remembered, and loses, doubles and swaps nothing', async () => {
  // More than have to be left without an answer in each worker for Intercom to be taken to be away.
  // All at once on a busy machine: what somebody else was at is looked for again after a minute.
  const everybody = Array.from({ length: 24 }, () => world.linkedVisitor());
  const visitors = await Promise.all(everybody);
  const late = world.newVisitor();
  const failures = (await world.executions(['error'])).length;
  const mend = world.intercom.faults.add({
    match: () => true,
    times: Infinity,
    effect: { kind: 'hang' },
  });
  visitors.forEach((visitor) => visitor.act('one'));
  await eventually(async () => (await inMemory(visitors)) === 2 * visitors.length);
  // All of these sessions are in executions that wait for Intercom.
  visitors.forEach((visitor) => visitor.act('two'));
  late.act('came');
  await eventually(async () => (await inMemory([...visitors, late])) === 3 * visitors.length + 1);
  const { deliveries } = world.intercom.webhooks;
  const before = deliveries.length;
  const conversation = late.write();
  await eventually(() => deliveries.length > before);
  expect(deliveries.slice(before)).toMatchObject([{ status: 200 }]);
  await eventually(async () => (await world.executions(['error'])).length > failures);
  expect([...visitors, late].map(({ everTold }) => everTold().flat())).toEqual([
    ...visitors.map(() => ['came']),
    [],
  ]);
  mend();
  visitors.forEach((visitor) => visitor.act('three'));
  const all = ['came', 'one', 'two', 'three'];
  await eventually(() => visitors.every(({ told }) => told().flat().length === all.length));
  await eventually(() => late.told(conversation).length === 1);
  for (const { everTold } of visitors) expect(everTold().flat()).toEqual(all);
  expect(late.everTold()).toEqual([['came']]);
});

/** How many actions the Intercom workflow's memory has of visitors. */
async function inMemory(visitors: readonly Visitor[]): Promise<number> {
  const client = new Client(memory);
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int from autoplay_action join autoplay_session on autoplay_session.id = session
       where memory = $1 and session_id = any($2)`,
      [`workflow:${world.workflow.id}`, visitors.map(({ sessionId }) => sessionId)],
    );
    return rows[0]!.count;
  } finally {
    await client.end();
  }
}

it.each(['hang', 'hang-after'] as const)(
  'a worker that is killed while it posts a note (%s) loses, doubles and swaps nothing',
  async (kind) => {
    const visitor = await world.linkedVisitor();
    world.intercom.faults.add({
      match: ({ path }) => path === `/conversations/${visitor.conversationId}/reply`,
      effect: { kind },
    });
    // Of the tests before, nothing goes on any more.
    await eventually(() => !running().some(isAtWork));
    const calls = world.intercom.journal.requests.length;
    visitor.act('one');
    await eventually(() =>
      world.intercom.journal.requests
        .slice(calls)
        .some(({ path }) => path === `/conversations/${visitor.conversationId}/reply`),
    );
    // Time for the call to have arrived in full.
    await pause(300);
    // The other one may be looking for work that was left behind.
    const atWork = running().filter(isAtWork);
    expect(atWork).not.toEqual([]);
    for (const worker of atWork) {
      killed.add(worker);
      await worker.kill();
    }
    visitor.act('two');
    for (const _ of atWork) await n8n.startWorker();
    await eventually(() => visitor.everTold().flat().length === 3, 240);
    await pause(1_000);
    expect(visitor.everTold().flat()).toEqual(['came', 'one', 'two']);
    expect(visitor.told().flat()).toEqual(['came', 'one', 'two']);
  },
);
