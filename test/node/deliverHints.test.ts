import type { IDataObject } from 'n8n-workflow';
import { startSimulators, type Simulators } from '../../simulators';
import { runWorkflow } from '../support/runWorkflow';
import { simulatedCredentials } from '../support/simulated';

// What the builder of a workflow reads at an execution in which Deliver posts nothing, with n8n's own engine.

let simulators: Simulators;
beforeAll(async () => {
  simulators = await startSimulators({ lively: false });
});
afterAll(() => simulators.stop());

/** Runs steps one after another; the hints of each, and how many items left by each of the last one's outputs. */
async function run(steps: Array<[type: string, parameters: IDataObject]>, items: IDataObject[]) {
  const memory = { memoryScope: 'named', memoryName: expect.getState().currentTestName! };
  const nodes = steps.map(([type, parameters], i) => ({
    ...{ id: `n${i}`, name: `Step ${i}`, typeVersion: 1, position: [0, 0] as [number, number] },
    type: `n8n-nodes-autoplay.${type}`,
    parameters: { ...memory, ...parameters },
  }));
  const connections = Object.fromEntries(
    nodes
      .slice(1)
      .map(({ name }, i) => [
        `Step ${i}`,
        { main: [[{ node: name, type: 'main' as const, index: 0 }]] },
      ]),
  );
  const credentials = simulatedCredentials(simulators.urls);
  const done = await runWorkflow(
    { name: 'hints', nodes, connections },
    { start: 'Step 0', items, credentials },
  );
  const { error, runData } = done.data.resultData;
  if (error) throw error;
  const last = runData[nodes.at(-1)!.name]![0]!;
  return {
    hints: nodes.map(({ name }) => (runData[name]?.[0]?.hints ?? []).map((hint) => hint.message)),
    outputs: (last.data?.main ?? []).map((out) => out?.length ?? 0),
  };
}

const deliver: [string, IDataObject] = [
  'intercomConversation',
  { resource: 'activity', operation: 'deliver' },
];
const acted = (session_id: string, conversation_id?: string) => ({
  ...{ type: 'actions', product_id: 'p', session_id, forwarded_at: Date.now() / 1_000 },
  ...{ actions: [{ description: 'clicked Save' }], ...(conversation_id && { conversation_id }) },
});

it('an item that names no session leaves by Not Linked, and the execution says what is missing', async () => {
  const { hints, outputs } = await run([deliver], [{ hello: 1 }]);
  expect(hints).toEqual([
    [expect.stringMatching(/^Posted 0 notes: no session is named.*Remember/)],
  ]);
  expect(outputs).toEqual([0, 1]);
});

it('a conversation that waits for its session is told from an item that names none', async () => {
  const { hints } = await run([deliver], [{ conversation_id: '1', link_status: 'waiting' }]);
  expect(hints).toEqual([[expect.stringMatching(/waits for its visitor.s session/)]]);
});

it('sessions without a conversation are counted in one hint, which says what links them', async () => {
  const remember: [string, IDataObject] = ['autoplaySessionMemory', { operation: 'remember' }];
  const { hints, outputs } = await run([remember, deliver], [acted('a'), acted('b')]);
  expect(hints[1]).toEqual([
    expect.stringMatching(
      /^2 items: Posted 0 notes: the session is not linked .* Intercom\..*Link/,
    ),
  ]);
  expect(outputs).toEqual([0, 2]);
});

it('a delivery that finds everything posted says so, and one that posts says nothing', async () => {
  const { id } = simulators.intercom.visitorStarts({ external_id: '70', text: 'Hi' });
  const { hints, outputs } = await run(
    [
      ['autoplaySessionMemory', { operation: 'remember' }],
      ['autoplaySessionMemory', { operation: 'link', conversationId: id }],
      deliver,
      deliver,
    ],
    [acted('c')],
  );
  expect(hints).toEqual([
    [],
    [],
    [],
    ['Posted 0 notes: the conversation has all activity already.'],
  ]);
  expect(outputs).toEqual([1, 0]);
});

it('in a closed conversation Deliver posts nothing until the next message, and the execution says why', async () => {
  const { id } = simulators.intercom.visitorStarts({ external_id: '70', text: 'Hi' });
  const link = (event: string): [string, IDataObject] => [
    'autoplaySessionMemory',
    { operation: 'link', conversationId: id, event },
  ];
  const remember: [string, IDataObject] = ['autoplaySessionMemory', { operation: 'remember' }];
  const following: [string, IDataObject] = [
    'intercomConversation',
    { resource: 'activity', operation: 'deliver', pace: 'follow' },
  ];
  const closed = await run([remember, link('message'), link('closed'), following], [acted('a')]);
  expect(closed.hints[3]).toEqual([
    expect.stringMatching(
      /^Posted 0 notes: the conversation is closed.*until the visitor or a teammate writes/,
    ),
  ]);
  expect(simulators.intercom.conversation(id).parts).toEqual([]);
  await run([link('message'), following], [{ session_id: 'a' }]);
  expect(simulators.intercom.conversation(id).parts).toHaveLength(1);
});
