import type { NodeTypeAndVersion } from 'n8n-workflow';
import { ServiceError } from '../../core/http/errors';
import { adviceFor } from '../../nodes/shared/advice';
import { releaseSessions } from '../../nodes/shared/release';
import { workAfter } from '../../nodes/shared/steps';
import { chatFields } from '../../nodes/AutoplaySessionMemory/operations/chat';
import { linesOf } from '../support/conversation';
import { createFlow, type Flow } from '../support/flow';
import { action } from '../support/memory';
import { createParrotDestination, createParrotServer } from '../support/parrot';

// A third chat product is its folder and one line in core/products.ts: this is the line.
jest.mock('../../core/products', () => {
  const actual = jest.requireActual<typeof import('../../core/products')>('../../core/products');
  const { parrot } = jest.requireActual<typeof import('../support/parrot')>('../support/parrot');
  (actual.products as Array<typeof parrot>).push(parrot);
  return actual;
});
// The published rules, in the place of the tests' own.
jest.mock('../support/noteRules', () => ({
  testRules: jest.requireActual<typeof import('../../core/delivery/noteRules')>(
    '../../core/delivery/noteRules',
  ).noteRules,
}));

describe('notes of a third chat product', () => {
  const PERCH = 'perch-1';
  let server: ReturnType<typeof createParrotServer>;
  let flow: Flow;
  beforeEach(async () => {
    server = createParrotServer();
    server.notes.set(PERCH, []);
    flow = await createFlow({
      destinationOf: (clock) => createParrotDestination(server.send, clock),
    });
    // No link is made beforehand: the stream names the conversation, whose form is the product's.
    await flow.remember('s', [action('a')], { conversation_id: PERCH });
  });
  afterEach(() => flow.close());
  const lines = () => (server.notes.get(PERCH) ?? []).flatMap(linesOf);

  it('are delivered into a conversation that the stream names', async () => {
    await flow.deliver('s');
    expect(lines()).toEqual(['a']);
  });

  it('are found, not posted again, where an answer was lost', async () => {
    server.troubles.push('answer lost');
    await flow.deliver('s');
    await flow.deliver('s');
    expect(lines()).toEqual(['a']);
  });

  it('are redacted once a summary note covers them', async () => {
    await flow.deliver('s');
    await flow.summarize('s', 1);
    expect(await flow.replace('s')).toMatchObject({ redacted: 1 });
    expect(server.notes.get(PERCH)).toEqual([expect.stringContaining('Summary 1.')]);
  });

  it('come with advice where the product refuses them', async () => {
    server.troubles.push('forbidden');
    const refusal = await flow.deliver('s').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ServiceError);
    expect(adviceFor(refusal as Error)).toContain('Allow the token to write notes.');
  });

  it('end the link where the product says that the conversation is missing', async () => {
    server.notes.clear();
    await expect(flow.deliver('s')).rejects.toThrow(
      `Conversation ${PERCH} does not exist any more`,
    );
    expect(await flow.deliver('s')).toEqual({ status: 'not_linked' });
  });
});

describe('nodes of a third chat product', () => {
  const step = (type: string): NodeTypeAndVersion => ({
    ...{ name: type, type: `n8n-nodes-autoplay.${type}`, typeVersion: 1, disabled: false },
    parameters: {},
  });

  it('are a choice under Chat Product', () => {
    const [chat] = chatFields;
    expect(chat?.options).toContainEqual({ name: 'Parrot', value: 'parrot' });
  });

  it('are given unfinished work, because their Activity delivers it', () => {
    const context = { getChildNodes: () => [step('parrotConversation')] };
    expect(workAfter(context, 'Remember')).toEqual({ chats: ['parrot'], summaries: false });
  });

  it('let a trigger in another process know that a session is released', async () => {
    const answers: unknown[] = [];
    const acting = { product_id: 'shop', session_id: 's', actions: [{ action_id: 'a' }] };
    await releaseSessions({
      getInputData: () => [{ json: acting }],
      getMode: () => 'trigger',
      getNode: () => ({ name: 'Deliver Activity' }) as never,
      getParentNodes: () => [step('parrotConversationTrigger')] as never,
      getWorkflow: () => ({ id: 'w' }) as never,
      sendResponse: async (answer) => void answers.push(answer),
    });
    expect(answers).toHaveLength(1);
  });
});
