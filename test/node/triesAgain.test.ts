import type { IRun } from 'n8n-workflow';
import { startSimulators, type Simulators } from '../../simulators';
import type { WorkflowJson } from '../../tools/n8n';
import { runWorkflow, type RunOptions } from '../support/runWorkflow';
import { simulatedCredentials } from '../support/simulated';

// What n8n tries again is sent once, with n8n's own engine.

let simulators: Simulators;
let credentials: RunOptions['credentials'];
beforeAll(async () => {
  simulators = await startSimulators({ lively: false });
  credentials = simulatedCredentials(simulators.urls);
});
afterAll(() => simulators.stop());
afterEach(() => {
  simulators.crisp.faults.clear();
  simulators.intercom.faults.clear();
});

const NODE = {
  id: 'a1',
  name: 'Send',
  typeVersion: 1,
  position: [0, 0] as [number, number],
  retryOnFail: true,
  maxTries: 3,
  waitBetweenTries: 1,
};
const TEXT = 'We are looking into it';
const conversationId = '={{ $json.conversation_id }}';
const crisp = {
  type: 'n8n-nodes-autoplay.crispConversation',
  SENDS: { method: 'POST', path: /message$/ },
  open: () => simulators.crisp.visitorOpens({ nickname: 'Ada' }).session_id,
  sent: (id: string) =>
    simulators.crisp
      .conversation(id)
      .messages.filter(({ from }) => from === 'operator')
      .map(({ content }) => content),
};
const intercom = {
  type: 'n8n-nodes-autoplay.intercomConversation',
  SENDS: { method: 'POST', path: /reply$/ },
  open: () => simulators.intercom.visitorStarts({ external_id: '70', text: 'Hi' }).id,
  sent: (id: string) =>
    simulators.intercom
      .conversation(id)
      .parts.map(({ body }) => String(body).replace(/<[^>]*>/g, '')),
};
const steps = [
  { chat: crisp, resource: 'message', operation: 'sendOperatorReply' },
  { chat: crisp, resource: 'note', operation: 'post' },
  { chat: intercom, resource: 'message', operation: 'reply' },
  { chat: intercom, resource: 'note', operation: 'post' },
].map((step) => ({ ...step, name: `${step.chat.type.slice(19)} ${step.resource}` }));
type Step = (typeof steps)[number];

const workflowOf = ({ chat, resource, operation }: Step, node = {}): WorkflowJson => ({
  name: 'w',
  nodes: [
    {
      ...NODE,
      type: chat.type,
      parameters: { resource, operation, conversationId, text: TEXT },
      ...node,
    },
  ],
  connections: {},
});

let executions = 0;
async function run(
  json: WorkflowJson,
  conversations: string[],
  options: Partial<RunOptions> = {},
): Promise<IRun> {
  return await runWorkflow(json, {
    start: 'Send',
    items: conversations.map((conversation_id) => ({ conversation_id })),
    credentials,
    executionId: String((executions += 1)),
    ...options,
  });
}
const faultsOf = ({ chat }: Step) => simulators[chat === crisp ? 'crisp' : 'intercom'].faults;
const REFUSED = { kind: 'status', status: 403 } as const;

describe.each(steps)('$name', (step) => {
  const { chat } = step;
  /** One conversation in which everything is refused. */
  function refuseIn(id: string) {
    return faultsOf(step).add({
      match: ({ method, path }) => method === 'POST' && path.includes(`/${id}/`),
      times: Infinity,
      effect: REFUSED,
    });
  }

  it.each([{}, { onError: 'continueRegularOutput' }])(
    'is sent once where another item fails each time: %j',
    async (node) => {
      const [first, refused, last] = [chat.open(), chat.open(), chat.open()];
      refuseIn(refused);
      await run(workflowOf(step, node), [refused, first, last]);
      expect([first, refused, last].map(chat.sent)).toEqual([[TEXT], [], [TEXT]]);
    },
  );

  it('is sent once where a person has the failed execution tried again', async () => {
    const [first, refused] = [chat.open(), chat.open()];
    const mend = refuseIn(refused);
    const json = workflowOf(step, { retryOnFail: false });
    const failed = await run(json, [first, refused]);
    expect(failed.status).toBe('error');
    mend();
    const again = await run(json, [first, refused], { retryOf: failed });
    expect(again.status).toBe('success');
    expect([first, refused].map(chat.sent)).toEqual([[TEXT], [TEXT]]);
    const out = again.data.resultData.runData.Send?.[0]?.data?.main?.[0];
    expect(out?.map(({ json: { conversation_id } }) => conversation_id)).toEqual([first, refused]);
  });

  it('is sent once where it landed and every answer was lost', async () => {
    const id = chat.open();
    faultsOf(step).add({ match: chat.SENDS, times: 4, effect: { kind: 'reset-after' } });
    const { status } = await run(workflowOf(step), [id]);
    expect([status, chat.sent(id)]).toEqual(['success', [TEXT]]);
  });

  it('is sent again by another execution, and by another item', async () => {
    const id = chat.open();
    await run(workflowOf(step), [id, id]);
    await run(workflowOf(step), [id]);
    expect(chat.sent(id)).toEqual([TEXT, TEXT, TEXT]);
  });
});
