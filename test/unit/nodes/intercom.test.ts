import type { IHttpRequestOptions } from 'n8n-workflow';
import { OtherWorkspaceError, type Note } from '../../../core/delivery/destination';
import { intercomFor } from '../../../nodes/shared/intercom';
import type { ServiceContext } from '../../../nodes/shared/service';

// In which workspace a token may post and redact.

const NOTE = {
  type: 'note',
  part_type: 'note',
  body: '<p>said</p>',
  created_at: 1,
  author: { id: '1' },
};
const CONVERSATION = {
  id: '5',
  conversation_parts: { conversation_parts: [{ ...NOTE, id: '7' }] },
};
let tokens = 0;

/** Intercom with a token of which nothing is known yet; `me` is what Intercom says of it. */
async function intercomOf(me: object) {
  const asked: string[] = [];
  const accessToken = `token-${++tokens}`;
  const context = {
    getNode: () => ({ name: 'Intercom' }),
    getCredentials: async () => ({ accessToken, region: 'eu' }),
    logger: console,
    helpers: {
      async httpRequest({ method, url }: IHttpRequestOptions) {
        const { pathname } = new URL(url);
        asked.push(`${method} ${pathname}`);
        return { statusCode: 200, headers: {}, body: pathname === '/me' ? me : CONVERSATION };
      },
    },
  } as unknown as ServiceContext;
  const { destination } = await intercomFor(context);
  const into = destination('1');
  const note = { conversationId: '5', text: 'said', since: 0 };
  const post = async (chat?: string) =>
    await into.post({ ...note, otherNoteIds: [], ...(chat && { chat }) } satisfies Note);
  return { asked, destination: into, post };
}

const POST = 'POST /conversations/5/reply';
const app = { type: 'app', id_code: 'Ours' };

it('a note of another workspace is neither posted nor redacted', async () => {
  const { asked, destination, post } = await intercomOf({ id: '1', app });
  await expect(post('intercom:theirs')).rejects.toThrow(OtherWorkspaceError);
  const redacting = destination.redact('5', '7', { chat: 'intercom:theirs' });
  await expect(redacting).rejects.toThrow(OtherWorkspaceError);
  expect(asked).toEqual(['GET /me']);
  expect(destination.chat).toBe('intercom:ours');
});

it('the workspace of the token is told, in whichever letters', async () => {
  const { asked, destination, post } = await intercomOf({ id: '1', app });
  expect(await post('intercom:ours')).toBe('7');
  expect(await destination.redact('5', '7', { chat: 'intercom:ours' })).toBe(true);
  expect(asked).toEqual(['GET /me', POST, 'POST /conversations/redact']);
});

it('of a link that names no workspace nobody asks whose it is', async () => {
  const { asked, destination, post } = await intercomOf({ id: '1', app });
  expect([await post('intercom'), await post()]).toEqual(['7', '7']);
  expect(asked).toEqual([POST, POST]);
  expect(destination.chat).toBe('intercom');
});

it('a workspace may be called by a number', async () => {
  const { post } = await intercomOf({ id: '1', app: { id_code: 70 } });
  await expect(post('intercom:71')).rejects.toThrow(OtherWorkspaceError);
  expect(await post('intercom:70')).toBe('7');
});

// Intercom documents `app` as nullable.
it.each([[undefined], [null], [{}], [[]], ['ours'], [{ id_code: null }], [{ id_code: ' ' }]])(
  'where Intercom names no workspace (app %j), a note goes where its link says',
  async (odd) => {
    const { asked, destination, post } = await intercomOf({ id: '1', app: odd });
    expect(await post('intercom:theirs')).toBe('7');
    expect(asked).toEqual(['GET /me', POST]);
    expect(destination.chat).toBe('intercom');
  },
);
