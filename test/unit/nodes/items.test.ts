import type { IDataObject } from 'n8n-workflow';
import { ServiceError } from '../../../core/http/errors';
import { eachItem } from '../../../nodes/shared/items';

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
