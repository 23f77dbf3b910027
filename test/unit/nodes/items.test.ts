import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { ServiceError, UnreachableError } from '../../../core/http/errors';
import { MODEL_SERVER } from '../../../core/summary/modelErrors';
import { EmptyAnswerError } from '../../../core/summary/modelErrors';
import { eachItem, passedOn } from '../../../nodes/shared/items';

/** The items that come out of a step in which each fails so. */
async function failWith(error: Error, json: IDataObject = {}) {
  const context = {
    getInputData: () => [{ json }],
    getNode: () => ({ name: 'Send Reply', parameters: {} }) as never,
    getWorkflow: () => ({ id: 'w' }) as never,
    continueOnFail: () => true,
  };
  const fail = () => Promise.reject(error);
  return await eachItem(context, () => Promise.resolve(), fail);
}

/** What an item that failed so is told to do. */
async function adviceFor(error: Error): Promise<unknown> {
  const [out] = await failWith(error);
  return (out?.error as { description?: unknown } | undefined)?.description;
}

it.each([429, 420])('says of a %d that there were too many calls', async (status) => {
  const error = new ServiceError('Crisp', status, 'rate_limited', 'The quota is used up');
  expect(await adviceFor(error)).toMatch(/^Too many calls.* Crisp calls this "rate_limited"\.$/);
});

it.each([
  ['Intercom', 401, 'Check Access Token and Region in the Intercom Conversation API credential'],
  ['Intercom', 403, 'The app lacks a permission'],
  ['Intercom', 404, 'Check Conversation ID'],
  ['Crisp', 401, 'Check Token Tier, Token Identifier and Token Key'],
  ['Crisp', 403, 'Check Website ID'],
  [MODEL_SERVER, 401, 'Check API Key in the OpenAI credential'],
  [MODEL_SERVER, 404, 'Check Model'],
])('says of a %s %d which field to look at', async (service, status, advice) => {
  expect(await adviceFor(new ServiceError(service, status, '', 'No'))).toContain(advice);
});

it('says of an empty answer that the model may have used up its room', async () => {
  expect(await adviceFor(new EmptyAnswerError())).toMatch(/raise Longest Answer/);
});

it("names the service's own word once", async () => {
  expect(await adviceFor(new ServiceError('Crisp', 400, 'invalid_data', 'Too long'))).toBe(
    'Crisp calls this "invalid_data".',
  );
  const repeated = new ServiceError('Crisp', 400, 'invalid_data', 'invalid_data');
  expect(await adviceFor(repeated)).not.toContain('calls this');
});

it("keeps our words where n8n has general ones for a system's error code", async () => {
  const cause = new UnreachableError(
    'Intercom',
    'Intercom cannot be reached: connect ECONNREFUSED',
  );
  const [out] = await failWith(cause, { conversation_id: '7' });
  expect((out!.error as Error).message).toBe(
    'Intercom cannot be reached: connect ECONNREFUSED (conversation 7)',
  );
});

describe('the files of an item', () => {
  const file = { data: 'aGk=', mimeType: 'text/plain' };
  const context = (type: string) => ({
    getInputData: () => [{ json: { a: 1 }, binary: { file } }],
    getNode: () => ({ name: 'Step', type, parameters: {} }) as never,
    getWorkflow: () => ({ id: 'w' }) as never,
    continueOnFail: () => true,
  });
  const run = async (type: string, work: () => Promise<INodeExecutionData[]>) =>
    await eachItem(context(type), async () => {}, work);

  it.each<[string, () => Promise<INodeExecutionData[]>]>([
    ['done', async () => [{ json: { b: 2 } }]],
    ['done and paired', async () => [{ json: { b: 2 }, pairedItem: { item: 0 } }]],
    ['failed', () => Promise.reject(new Error('No'))],
  ])('go on with it, %s', async (_, work) => {
    expect(await run('crispConversation', work)).toMatchObject([{ binary: { file } }]);
  });

  it('stay the ones that the step itself gave', async () => {
    const work = async () => [{ json: {}, binary: {} }];
    expect(await run('crispConversation', work)).toMatchObject([{ binary: {} }]);
  });

  it('are not for the model of an AI Agent', async () => {
    const [out] = await run('crispConversationTool', async () => [{ json: {} }]);
    expect(out).not.toHaveProperty('binary');
  });

  it('nor is the item itself where the tool fails', async () => {
    const fail = () => Promise.reject(new Error('No'));
    const [out] = await run('crispConversationTool', fail);
    expect(out?.json).toEqual({ error: 'No' });
  });
});

it('a tool of an AI Agent passes nothing on to the model, a step all that came in', () => {
  const as = (type: string) => ({ getNode: () => ({ type }) as never });
  const json = { conversation_id: 'c', toolCallId: 'call_1' };
  expect(passedOn(as('n8n-nodes-autoplay.crispConversationTool'), json)).toEqual({});
  expect(passedOn(as('n8n-nodes-autoplay.crispConversation'), json)).toBe(json);
});
