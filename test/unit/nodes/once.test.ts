import { OutcomeUnknownError } from '../../../core/http/errors';
import { nameOfSending, once } from '../../../nodes/shared/once';

interface Given {
  executionId?: string | undefined;
  establishedAt?: number | undefined;
  type?: string;
  run?: number;
  item?: number;
  node?: string;
  text?: string;
}

function nameOf({ item = 0, text = 'Hi', ...given }: Given = {}): string | undefined {
  const { executionId = '5', establishedAt, type = 'crispConversation', run = 0, node } = given;
  const context = {
    getNode: () => ({ id: node ?? 'a1', type }),
    getWorkflow: () => ({ id: 'w' }),
    getExecutionId: () => ('executionId' in given ? given.executionId : executionId),
    getExecutionContext: () => establishedAt && { establishedAt },
    getWorkflowDataProxy: () => ({ $runIndex: run }),
  };
  return nameOfSending(context as never, item, 'session_1', text);
}

const TOOL = { type: 'n8n-nodes-autoplay.crispConversationTool' };

it.each<[string, Given]>([
  ['execution', { executionId: '6' }],
  ['run', { run: 1 }],
  ['item', { item: 1 }],
  ['node', { node: 'a2' }],
  ['text', { text: 'Bye' }],
])('a message of another %s has another name', (_, given) => {
  expect(nameOf(given)).not.toBe(nameOf());
  expect(nameOf()).toBe(nameOf());
});

it('a retried execution has the same names, although it has another id', () => {
  const began = { establishedAt: 1_700_000_000_000 };
  expect(nameOf({ ...began, executionId: '9' })).toBe(nameOf(began));
});

it('a tool’s message has the same name in each try, although n8n counts tries as runs', () => {
  expect(nameOf({ ...TOOL, run: 1 })).toBe(nameOf(TOOL));
  expect(nameOf({ ...TOOL, text: 'Bye' })).not.toBe(nameOf(TOOL));
});

it('a message has no name without an execution, and is always sent then', async () => {
  expect(nameOf({ executionId: undefined })).toBeUndefined();
  const send = jest.fn(async () => 'sent');
  await once(undefined, send);
  await once(undefined, send);
  expect(send).toHaveBeenCalledTimes(2);
});

it('a sent message is not sent again; a refused one is, as if for the first time', async () => {
  const send = jest.fn(async () => 'sent');
  await expect(once('a', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect([await once('a', send), await once('a', send)]).toEqual(['sent', 'sent']);
  expect(send.mock.calls).toEqual([[undefined]]);
});

it('a message that may have landed is tried again with the time of the first try', async () => {
  const before = Date.now();
  const lost = () => Promise.reject(new OutcomeUnknownError('Intercom', 'no answer'));
  await expect(once('b', lost)).rejects.toThrow();
  await expect(once('b', lost)).rejects.toThrow();
  const send = jest.fn(async (_triedAt?: number) => 'sent');
  await once('b', send);
  const [[triedAt] = []] = send.mock.calls;
  expect(triedAt).toBeGreaterThanOrEqual(before);
  expect(triedAt).toBeLessThanOrEqual(Date.now());
});
