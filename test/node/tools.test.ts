import type { IDataObject, INodePropertyOptions, INodeTypeDescription } from 'n8n-workflow';
import { startSimulators, type Simulators } from '../../simulators';
import { latestDescriptions } from '../../tools/loadPackage';
import { runWorkflow, type RunOptions } from '../support/runWorkflow';
import { simulatedCredentials } from '../support/simulated';

// What each operation gives an AI Agent as its tool, with n8n's own engine.

/** Of the agent's own item, which no model should be given. */
const OWN = {
  chatInput: 'of the agent’s own item',
  sessionId: 'of the agent',
  toolCallId: 'call_1',
};

let simulators: Simulators;
let credentials: RunOptions['credentials'];
beforeAll(async () => {
  simulators = await startSimulators({ lively: false });
  credentials = simulatedCredentials(simulators.urls);
});
afterAll(() => simulators.stop());

/** Every choice of resource and operation that a panel offers. */
function operationsOf({ properties }: INodeTypeDescription): Array<Record<string, string>> {
  const operations = properties.filter(({ name }) => name === 'operation');
  if (operations.length === 0) return [{}];
  return operations.flatMap(({ options, displayOptions }) =>
    (options as INodePropertyOptions[]).flatMap(({ value }) =>
      (displayOptions?.show?.resource ?? ['']).map((resource) => ({
        operation: String(value),
        ...(resource !== '' && { resource: String(resource) }),
      })),
    ),
  );
}
const tools = latestDescriptions()
  .nodes.filter(({ usableAsTool }) => usableAsTool)
  .flatMap((description) =>
    operationsOf(description).map((given) => ({
      type: description.name,
      given,
      name: [description.name, ...Object.values(given)].join(' '),
    })),
  );

const remembered = {
  type: 'actions',
  product_id: 'p',
  forwarded_at: 1_700_000_000,
  actions: [{ description: 'clicked Save' }],
};

it.each(tools)('$name: nothing of the agent’s own item, linked or not', async (tool) => {
  const { type, given } = tool;
  const isCrisp = type === 'crispConversation';
  const conversation_id = isCrisp
    ? simulators.crisp.visitorOpens({ nickname: 'Ada' }).session_id
    : simulators.intercom.visitorStarts({ external_id: '70', text: 'Hi' }).id;
  const what = { text: 'Hi', conversationId: conversation_id, noteId: '123456789012345' };
  const who = { forgetBy: 'user_id', forgetValue: 'nobody', sessionId: 's', onlyThisMemory: true };
  // What one tool remembers is no part of what another finds.
  const memory = { memoryScope: 'named', memoryName: tool.name };
  const node = {
    ...{ id: 'a1', name: 'Tool', typeVersion: 1, position: [0, 0] as [number, number] },
    type: `n8n-nodes-autoplay.${type}Tool`,
    onError: 'continueRegularOutput',
    parameters: { ...what, ...who, ...memory, chat: isCrisp ? 'crisp' : 'intercom', ...given },
  };
  for (const named of [{ session_id: 's' }, {}]) {
    const item: IDataObject = { ...OWN, ...remembered, conversation_id, ...named };
    const run = await runWorkflow(
      { name: `tools ${type}`, nodes: [node], connections: {} },
      { start: 'Tool', items: [item], credentials },
    );
    const [first, ...others] = run.data.resultData.runData.Tool?.[0]?.data?.main ?? [];
    const out = first?.map(({ json }) => json) ?? [];
    expect(JSON.stringify(out)).not.toMatch(/of the agent|call_1|clicked Save/);
    // The agent reads the first output, and is told something for its call.
    expect([out.length, others.flat()]).toEqual([1, []]);
    expect(Object.keys(out[0]!)).not.toEqual([]);
  }
});
