import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { IntercomConversation } from '../../../nodes/IntercomConversation/IntercomConversation.node';

/** Carries out the node on one item; whatever Intercom is asked, it says that there is no such thing. */
async function execute(parameters: IDataObject) {
  const asked: unknown[] = [];
  const context = {
    getInputData: () => [{ json: {} }],
    getNode: () => ({ name: 'Intercom', type: 'intercomConversation', parameters: {} }),
    getWorkflow: () => ({ id: 'w' }),
    continueOnFail: () => false,
    getCredentials: async () => ({ accessToken: 'token', region: 'us' }),
    getNodeParameter: (name: string) => parameters[name],
    logger: console,
    helpers: {
      async httpRequest(request: unknown) {
        asked.push(request);
        const code = 'conversation_part_or_message_not_found';
        return { statusCode: 404, headers: {}, body: { errors: [{ code, message: 'Not found' }] } };
      },
    },
  };
  const node = new IntercomConversation();
  const out = node.execute.call(context as unknown as IExecuteFunctions);
  return { asked, out: await out.catch((error: Error) => error) };
}

const redact = { resource: 'note', operation: 'redact', conversationId: '1' };

it.each([[null], [undefined], [''], [' ']])('redacts no note whose id is %j', async (noteId) => {
  const { asked, out } = await execute({ ...redact, noteId });
  expect(out).toMatchObject({ message: 'This item names no note' });
  expect(asked).toEqual([]);
});

it('takes a note that is gone for one that was redacted', async () => {
  const { asked, out } = await execute({ ...redact, noteId: '7' });
  expect(out).toMatchObject([[{ json: { note_id: '7', redacted: true } }]]);
  expect(asked).toHaveLength(1);
});

it.each([
  ['note', 'delete'],
  ['ticket', 'post'],
])('says that it cannot do what it does not know: %s, %s', async (resource, operation) => {
  const { out } = await execute({ resource, operation });
  expect(out).toMatchObject({ message: `This node cannot do "${operation}" with "${resource}"` });
});
