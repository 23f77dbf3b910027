import type { IDataObject } from 'n8n-workflow';
import { ServiceError } from '../../../core/http/errors';
import { eachItem, passedOn } from '../../../nodes/shared/items';

/** What an item that failed so is told to do. */
async function adviceFor(error: Error, json: IDataObject = {}): Promise<unknown> {
  const context = {
    getInputData: () => [{ json }],
    getNode: () => ({ name: 'Send Reply', parameters: {} }) as never,
    getWorkflow: () => ({ id: 'w' }) as never,
    continueOnFail: () => true,
  };
  const fail = () => Promise.reject(error);
  const [out] = await eachItem(context, () => Promise.resolve(), fail);
  return (out?.error as { description?: unknown } | undefined)?.description;
}

it.each([429, 420])('says of a %d that there were too many calls', async (status) => {
  const error = new ServiceError('Crisp', status, 'rate_limited', 'The quota is used up');
  expect(await adviceFor(error)).toMatch(/^Crisp calls this "rate_limited"\. Too many calls/);
});

it('says of a 401 which credential to look at', async () => {
  const error = new ServiceError('Crisp', 401, 'invalid_session', 'No');
  expect(await adviceFor(error)).toContain('Check the access token in the Crisp credential');
});

it('a tool of an AI Agent passes nothing on to the model, a step all that came in', () => {
  const as = (type: string) => ({ getNode: () => ({ type }) as never });
  const json = { conversation_id: 'c', toolCallId: 'call_1' };
  expect(passedOn(as('n8n-nodes-autoplay.crispConversationTool'), json)).toEqual({});
  expect(passedOn(as('n8n-nodes-autoplay.crispConversation'), json)).toBe(json);
});
