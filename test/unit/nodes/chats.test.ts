import type { IDataObject, IHttpRequestOptions, INodeType } from 'n8n-workflow';
import { CrispConversation } from '../../../nodes/CrispConversation/CrispConversation.node';
import { IntercomConversation } from '../../../nodes/IntercomConversation/IntercomConversation.node';
import { stepContext } from '../../support/stepContext';

interface Answer {
  statusCode: number;
  body: unknown;
}

const refusal = (code: string): Answer => ({
  statusCode: 404,
  body: { errors: [{ code, message: 'Not found' }] },
});
/** Whatever Intercom is asked, it says that there is no such thing. */
const nothing = () => refusal('conversation_part_or_message_not_found');

const CREDENTIAL = {
  accessToken: 'token',
  region: 'us',
  websiteId: 'website',
  tokenIdentifier: 'identifier',
  tokenKey: 'token key',
  baseUrl: 'https://api.crisp.chat/v1',
};

/** Carries out the node on one item. */
async function execute(
  parameters: IDataObject,
  answer: (request: IHttpRequestOptions) => Answer = nothing,
  node: INodeType = new IntercomConversation(),
) {
  const asked: unknown[] = [];
  const hints: string[] = [];
  const context = stepContext({
    type: node.description.name,
    parameters,
    hints,
    credentials: CREDENTIAL,
    async httpRequest(request: IHttpRequestOptions) {
      asked.push(request);
      return { headers: {}, ...answer(request) };
    },
  });
  const out = node.execute!.call(context);
  return { asked, hints, out: await out.catch((error: Error) => error) };
}

const redact = { resource: 'note', operation: 'redact', conversationId: '1' };

it.each([[null], [undefined], [''], [' '], [{ id: '7' }]])(
  'redacts no note whose id is %j',
  async (noteId) => {
    const { asked, out } = await execute({ ...redact, noteId });
    expect(out).toMatchObject({ message: 'This item names no note' });
    expect(asked).toEqual([]);
  },
);

const part = { id: '7', part_type: 'note', redacted: true, author: { id: 1 } };
const conversationWith = (...parts: object[]) => ({
  statusCode: 200,
  body: { id: '1', conversation_parts: { conversation_parts: parts } },
});

it.each([
  ['is blank already', conversationWith(part), true, 0],
  ['was never there', conversationWith({ ...part, id: '8' }), false, 1],
  ['went with its conversation', refusal('not_found'), false, 1],
])('says of a note that %s whether it was redacted', async (_, conversation, redacted, said) => {
  const { out, hints } = await execute({ ...redact, noteId: '7' }, ({ method }) =>
    method === 'GET' ? conversation : nothing(),
  );
  expect(out).toMatchObject([[{ json: { conversation_id: '1', note_id: '7', redacted } }]]);
  expect(hints).toHaveLength(said);
});

it('a note cannot be redacted that Intercom shows and does not find', async () => {
  const shown = conversationWith({ ...part, redacted: false });
  const { out } = await execute({ ...redact, noteId: '7' }, ({ method }) =>
    method === 'GET' ? shown : nothing(),
  );
  expect(out).toMatchObject({ message: 'Intercom refused: Not found' });
});

describe('a note in Crisp', () => {
  const remove = { resource: 'note', operation: 'delete', conversationId: 'session_1' };
  const crispSays = (reason: string) => () => ({ statusCode: 404, body: { error: true, reason } });

  it.each([[null], [undefined], ['']])('is not deleted where its id is %j', async (noteId) => {
    const parameters = { ...remove, noteId };
    const { asked, out } = await execute(parameters, nothing, new CrispConversation());
    expect(out).toMatchObject({ message: 'This item names no note' });
    expect(asked).toEqual([]);
  });

  it.each(['message_not_found', 'session_not_found'])(
    'counts as deleted where Crisp says %s',
    async (reason) => {
      const parameters = { ...remove, noteId: '123456789012345' };
      const { out } = await execute(parameters, crispSays(reason), new CrispConversation());
      expect(out).toMatchObject([[{ json: { note_id: '123456789012345', deleted: true } }]]);
    },
  );

  it('does not count as deleted where the website is another', async () => {
    const parameters = { ...remove, noteId: '123456789012345' };
    const says = crispSays('website_not_found');
    const { out } = await execute(parameters, says, new CrispConversation());
    expect(out).toMatchObject({ message: 'Crisp refused: website_not_found' });
  });
});

describe('the text of a message', () => {
  const sent = async (text: unknown) => {
    const { asked, out } = await execute({
      resource: 'message',
      operation: 'reply',
      conversationId: '1',
      adminId: '2',
      text: text as never,
    });
    return { out, bodies: asked.map((one) => (one as { body: { body: string } }).body.body) };
  };

  it.each([
    ['They paid.'],
    ['<think>\nWhat now?\n</think>\n\nThey paid.'],
    [[{ type: 'text', text: 'They paid.' }]],
    [
      [
        { type: 'thinking', thinking: 'What now?' },
        { type: 'text', text: 'They paid.' },
      ],
    ],
    [{ type: 'text', text: 'They paid.' }],
  ])('is what a model meant to say in %j', async (text) => {
    expect((await sent(text)).bodies).toEqual(['<p>They paid.</p>']);
  });

  it.each([
    ['<think>\nWhat now?', 'The text is empty'],
    ['<think>\n\n</think>\n', 'The text is empty'],
    [[], 'The text is empty'],
    [null, 'The text is empty'],
    [{ answer: 'They paid.' }, 'The text is no text'],
    [[{ answer: 'They paid.' }], 'The text is no text'],
    ['Hi [object Object]', 'The text is no text'],
  ])('is not sent where it is %j', async (text, message) => {
    const { bodies, out } = await sent(text);
    expect(bodies).toEqual([]);
    expect(out).toMatchObject({ message });
  });
});

it.each(['phone', 'constructor'])('identifies no visitor in Crisp by %j', async (identifyBy) => {
  const parameters = { resource: 'visitor', operation: 'get', conversationId: 's', identifyBy };
  const { asked, out } = await execute(parameters, nothing, new CrispConversation());
  expect(out).toMatchObject({
    message: expect.stringContaining(`"Identify By" is "${identifyBy}"`),
  });
  expect(asked).toEqual([]);
});

describe('the author in Intercom', () => {
  const post = { resource: 'note', operation: 'post', conversationId: '1', text: 'Hi' };
  /** Intercom shows the note as it was posted; the token's own admin is 7. */
  const intercom = ({ method, body }: IHttpRequestOptions): Answer => {
    if (method === 'GET') return { statusCode: 200, body: { id: '7' } };
    const { admin_id, body: html } = body as { admin_id: unknown; body: string };
    const created_at = Date.now() / 1_000;
    const note = { id: '9', part_type: 'note', body: html, created_at, author: { id: admin_id } };
    return conversationWith(note);
  };

  it.each([
    [814_860, '814860'],
    ['814860', '814860'],
    [' 814860 ', '814860'],
    [undefined, '7'],
    [null, '7'],
    ['', '7'],
  ])('is by an expression %j the admin %j, whose note is found', async (adminId, author) => {
    const { asked, out } = await execute({ ...post, adminId }, intercom);
    expect(asked.at(-1)).toMatchObject({ body: { admin_id: author } });
    expect(out).toMatchObject([[{ json: { note_id: '9' } }]]);
  });
});

it.each([
  ['note', 'delete'],
  ['ticket', 'post'],
  ['constructor', 'name'],
  ['note', 'toString'],
])('says that it cannot do what it does not know: %s, %s', async (resource, operation) => {
  const { out } = await execute({ resource, operation });
  expect(out).toMatchObject({ message: `This node cannot do "${operation}" with "${resource}"` });
});
