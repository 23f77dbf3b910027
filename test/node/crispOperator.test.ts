import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject, IRun } from 'n8n-workflow';
import { startSimulators, type Simulators } from '../../simulators';
import type { WorkflowJson } from '../../tools/n8n';
import { runWorkflow, type RunOptions } from '../support/runWorkflow';
import { simulatedCredentials } from '../support/simulated';

// The shipped Crisp workflow where an operator has taken a conversation over, with n8n's own engine.

let simulators: Simulators;
let credentials: RunOptions['credentials'];
beforeAll(async () => {
  simulators = await startSimulators({ lively: false });
  credentials = simulatedCredentials(simulators.urls);
});
afterAll(() => simulators.stop());
afterEach(() => simulators.crisp.faults.clear());

const shipped = JSON.parse(
  readFileSync(join(__dirname, '../../workflows/crisp.json'), 'utf8'),
) as WorkflowJson;
/** As shipped, but what fails is not tried again a second later. */
const workflow = {
  ...shipped,
  nodes: shipped.nodes.map((node) => ({ ...node, retryOnFail: false })),
};
const MINUTE = 60_000;
const LIST = { method: 'GET', path: /messages$/ };
const BROKEN = { kind: 'status', status: 500 } as const;

/** A visitor writes, and the workflow runs; `think` is what happens while the model does. */
async function ask(
  conversationId: string,
  think: () => void = () => {},
  json: WorkflowJson = workflow,
): Promise<{ run: IRun; thought: boolean }> {
  const { content: text } = simulators.crisp.visitorWrites(conversationId, 'How do I export?');
  let thought = false;
  const Answer = (): IDataObject => {
    thought = true;
    think();
    return { output: 'An answer' };
  };
  const run = await runWorkflow(json, {
    start: 'When a Visitor Writes',
    items: [{ conversation_id: conversationId, text: String(text) }],
    credentials,
    others: { Answer },
  });
  return { run, thought };
}

const open = () => simulators.crisp.visitorOpens({ nickname: 'Ada' }).session_id;
const conversation = (id: string) => simulators.crisp.conversation(id);
/** What the bot told the visitor. */
const told = (id: string) =>
  conversation(id)
    .messages.filter(({ automated }) => automated)
    .map(({ content }) => content);
const isTyping = (id: string) => conversation(id).compose.operator !== undefined;
const outputOf = ({ data }: IRun, name: string) =>
  data.resultData.runData[name]?.[0]?.data?.main?.map((items) => items?.map(({ json }) => json));
const calls = (id: string) =>
  simulators.crisp.journal.requests
    .filter(({ path }) => path.includes(id))
    .map(({ method, path }) => `${method} ${path.split('/').at(-1)}`);
const FALLBACK = /cannot answer right now/;

it('answers where no operator has written, for two looks more', async () => {
  const id = open();
  const { run } = await ask(id);
  expect(told(id)).toEqual(['An answer']);
  expect(outputOf(run, 'Send Reply')?.[0]).toEqual([
    expect.objectContaining({ sent: true, operator_wrote_at: null }),
  ]);
  const [look, ...others] = calls(id);
  expect(look).toBe('GET messages');
  // Nothing waits for the indicator, which may come before or after.
  expect(others.slice(0, 2).sort()).toEqual(['GET meta', 'PATCH compose']);
  expect(others.slice(2)).toEqual(['GET messages', 'POST message', 'PATCH compose']);
});

it('does not wait for the indicator, and takes it away once Crisp has shown it', async () => {
  const id = open();
  const seen: string[] = [];
  const unwatch = simulators.crisp.onChange((change) => {
    if (change.kind === 'message' && change.message.automated) seen.push('answered');
    if (change.kind === 'compose') seen.push(isTyping(id) ? 'typing' : 'not typing');
  });
  const { crisp } = simulators;
  const match = { method: 'PATCH', path: /compose$/ };
  crisp.faults.add({ match, effect: { kind: 'delay', ms: 1_000 } });
  await ask(id);
  unwatch();
  expect(seen).toEqual(['answered', 'typing', 'not typing']);
});

it('answers although Crisp refuses the indicator', async () => {
  const id = open();
  const match = { method: 'PATCH', path: /compose$/ };
  simulators.crisp.faults.add({ match, times: Infinity, effect: BROKEN });
  const { run } = await ask(id);
  expect([run.status, told(id)]).toEqual(['success', ['An answer']]);
});

it('leaves a conversation to its operator: no model is asked, and nobody seems to type', async () => {
  const id = open();
  const { timestamp } = simulators.crisp.operatorWrites(id, 'I take over');
  const { run, thought } = await ask(id);
  expect([run.status, thought, told(id), isTyping(id)]).toEqual(['success', false, [], false]);
  expect(calls(id)).toEqual(['GET messages']);
  const operator_wrote_at = new Date(timestamp).toISOString();
  expect(outputOf(run, 'Check for Operator')).toEqual([
    [],
    [expect.objectContaining({ conversation_id: id, operator_wrote_at })],
    [],
  ]);
});

it('is silent where the operator writes while the model thinks', async () => {
  const id = open();
  const { run } = await ask(id, () => simulators.crisp.operatorWrites(id, 'I take over'));
  expect([run.status, told(id), isTyping(id)]).toEqual(['success', [], false]);
  expect(outputOf(run, 'Send Reply')?.[0]).toEqual([
    expect.objectContaining({
      sent: false,
      fingerprint: null,
      operator_wrote_at: expect.any(String),
    }),
  ]);
});

it('does not excuse itself where the operator writes and the model fails', async () => {
  const id = open();
  const { run } = await ask(id, () => {
    simulators.crisp.operatorWrites(id, 'I take over');
    throw new Error('The model is down');
  });
  expect([run.status, told(id), isTyping(id)]).toEqual(['error', [], false]);
});

it('excuses itself where the model fails and nobody else has written', async () => {
  const id = open();
  const { run } = await ask(id, () => {
    throw new Error('The model is down');
  });
  expect([run.status, isTyping(id)]).toEqual(['error', false]);
  expect(told(id)).toEqual([expect.stringMatching(FALLBACK)]);
});

it('answers again after the time, and once the operator is done', async () => {
  const id = open();
  const { crisp } = simulators;
  crisp.operatorWrites(id, 'I take over', 'Ann', Date.now() - 31 * MINUTE);
  await ask(id);
  expect(told(id)).toHaveLength(1);
  crisp.operatorWrites(id, 'I again', 'Ann', Date.now() - 29 * MINUTE);
  await ask(id);
  expect(told(id)).toHaveLength(1);
  crisp.operatorResolves(id);
  await ask(id);
  expect(told(id)).toHaveLength(2);
});

it('has the minutes in one place, where 0 means that it always answers', async () => {
  const set = (silentMinutes: unknown): WorkflowJson => ({
    ...workflow,
    nodes: workflow.nodes.map((node) =>
      node.name === 'Check for Operator'
        ? { ...node, parameters: { ...node.parameters, silentMinutes } }
        : node,
    ),
  });
  const id = open();
  simulators.crisp.operatorWrites(id, 'I take over', 'Ann', Date.now() - 5 * MINUTE);
  await ask(id, undefined, set(0));
  expect(told(id)).toEqual(['An answer']);
  expect(calls(id)).not.toContain('GET messages');
  const other = open();
  const writes = () =>
    simulators.crisp.operatorWrites(other, 'I took over', 'Ann', Date.now() - 5 * MINUTE);
  await ask(other, () => void writes(), set(4));
  await ask(other, undefined, set(6));
  expect(told(other)).toEqual(['An answer']);
});

it('is silenced by no bot, and by nothing in another conversation', async () => {
  const [id, other] = [open(), open()];
  simulators.crisp.operatorWrites(other, 'I take over');
  await ask(id);
  await ask(id);
  expect(told(id)).toEqual(['An answer', 'An answer']);
});

it('tells an AI Agent of an operator by the one output that its tools have', async () => {
  const id = open();
  simulators.crisp.operatorWrites(id, 'I take over');
  const check = workflow.nodes.find(({ name }) => name === 'Check for Operator')!;
  const json = { ...workflow, nodes: [{ ...check, type: `${check.type}Tool` }], connections: {} };
  const run = await runWorkflow(json, {
    start: check.name,
    items: [{ conversation_id: id, secret: 'of the agent’s own item' }],
    credentials,
  });
  expect(outputOf(run, check.name)?.slice(0, 2)).toEqual([
    [{ conversation_id: id, operator_wrote_at: expect.any(String) }],
    [],
  ]);
});

it('lets the visitor not go without an answer because Crisp does not say who wrote', async () => {
  const [before, between] = [open(), open()];
  simulators.crisp.faults.add({ match: LIST, times: Infinity, effect: BROKEN });
  const early = await ask(before);
  expect([early.run.status, early.thought, isTyping(before)]).toEqual(['error', false, false]);
  expect(told(before)).toEqual([expect.stringMatching(FALLBACK)]);

  simulators.crisp.faults.clear();
  const late = await ask(between, () => {
    simulators.crisp.faults.add({ match: LIST, times: Infinity, effect: BROKEN });
  });
  expect(late.run.status).toBe('success');
  expect(told(between)).toEqual(['An answer']);
  const { hints } = late.run.data.resultData.runData['Send Reply']![0]!;
  expect(hints).toEqual([
    expect.objectContaining({
      type: 'warning',
      message: expect.stringContaining('not held back'),
    }),
  ]);
});
