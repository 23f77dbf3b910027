import { ask, type AskParts } from '../../../core/agents/ask';
import type { RecallQuery } from '../../../core/memory/types';
import { createRateLimit } from '../../../core/agents/rateLimit';
import { createFakeClock } from '../../support/fakeClock';
import {
  asked,
  call,
  finToken,
  hugo,
  NOW,
  parts,
  request,
  signed,
  token,
  WEBSITE,
} from '../../support/agents';

const UUID = '019a4c1e-6f0b-4c3e-9d55-2b1f0c7a8e21';
const exp = NOW / 1_000 + 600;
const agents: AskParts['asker'] = { kind: 'agents', token: 'team-token' };
const finSecret: AskParts['asker'] = { kind: 'finSecret', secret: 'fixed-secret' };
const bearer = (given: string) => ({ authorization: `Bearer ${given}` });

/** A memory that finds nobody, and keeps whom it was asked about. */
function asking(asker: AskParts['asker'], more: Partial<AskParts> = {}) {
  const queries: RecallQuery[] = [];
  const recall = (query: RecallQuery) => {
    queries.push(query);
    return Promise.resolve(null);
  };
  const subjects = () =>
    queries.map(
      ({ session_id, user_id, email, conversation_id, chat }) =>
        JSON.parse(JSON.stringify({ session_id, user_id, email, conversation_id, chat })) as object,
    );
  return { fields: { asker, recall, ...more }, subjects };
}

describe('Fin with a token', () => {
  it.each([
    ['in the body', { body: { user_id: 'eve', session_id: 's', conversation_id: '7' } }],
    ['in the address', { method: 'GET', query: { user_id: 'eve', email: 'eve@example.com' } }],
    ['as MCP', { body: call({ user_id: 'eve' }) }],
  ])('asks about the holder only, whatever stands %s', async (_, rest) => {
    const { fields, subjects } = asking(finToken);
    const headers = bearer(token({ user_id: 'ann', exp }));
    const { status, json } = await asked(request({ headers, ...rest }), fields);
    expect([status, json.found]).toEqual([200, false]);
    expect(subjects()).toEqual([{ user_id: 'ann' }]);
  });

  it('refuses a wrong or missing token in one line, and looks nothing up', async () => {
    const { fields, subjects } = asking(finToken);
    for (const headers of [{}, bearer('x'), bearer(token({ user_id: 'ann', exp: 1 }))]) {
      const { status, text, headers: sent } = await asked(request({ headers }), fields);
      expect([status, sent['WWW-Authenticate']]).toEqual([401, 'Bearer']);
      expect(text).toMatch(/^\{"error":"\w+"\}$/);
    }
    expect(subjects()).toEqual([]);
  });
});

describe('Fin with a secret', () => {
  it.each([
    { body: { user_id: 'ann', email: 'eve@example.com', session_id: 's' } },
    { method: 'GET', query: { user_id: 'ann' } },
  ])('believes the input user_id and no other: %j', async (rest) => {
    const { fields, subjects } = asking(finSecret);
    const headers = bearer('fixed-secret');
    expect((await asked(request({ headers, ...rest }), fields)).status).toBe(200);
    expect(subjects()).toEqual([{ user_id: 'ann' }]);
  });

  it.each([
    { body: {} },
    { body: { user_id: 'undefined' } },
    { body: '[' },
    { body: { user_id: [] } },
  ])('nobody in %j is somebody of whom nothing is known', async (rest) => {
    const { fields, subjects } = asking(finSecret);
    const { status, json } = await asked(
      request({ headers: bearer('fixed-secret'), ...rest }),
      fields,
    );
    expect([status, json.found]).toEqual([200, false]);
    expect(subjects()).toEqual([]);
  });

  it('refuses another secret, and any where none is set', async () => {
    expect((await asked(request({ headers: bearer('x') }), { asker: finSecret })).status).toBe(401);
    const open: AskParts['asker'] = { kind: 'finSecret', secret: '' };
    expect((await asked(request({ headers: bearer('') }), { asker: open })).status).toBe(401);
  });
});

describe('Hugo', () => {
  it('asks about the conversation of the header', async () => {
    const { fields, subjects } = asking(hugo);
    const { status, json } = await asked(signed(call(), { session: UUID }), fields);
    expect(status).toBe(200);
    expect(JSON.parse(json.result.content[0].text).found).toBe(false);
    expect(subjects()).toEqual([{ conversation_id: `session_${UUID}`, chat: `crisp:${WEBSITE}` }]);
  });

  it('takes no argument', async () => {
    const { fields, subjects } = asking(hugo);
    const body = call({ session_id: 'session_1111' });
    expect((await asked(signed(body, { session: UUID }), fields)).json.error.code).toBe(-32602);
    expect(subjects()).toEqual([]);
  });

  it('answers a look at the tools without a conversation, but no question', async () => {
    const { fields, subjects } = asking(hugo);
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect((await asked(signed(list), fields)).json.result.tools).toHaveLength(1);
    expect((await asked(signed(call()), fields)).json.result).toMatchObject({ isError: true });
    expect(subjects()).toEqual([]);
  });

  it('asks for the token beside the signature where one is set', async () => {
    const fields = { asker: { ...hugo, token: 'beside' } as AskParts['asker'] };
    expect((await asked(signed(call()), fields)).status).toBe(401);
    expect((await asked(signed(call(), { headers: bearer('beside') }), fields)).status).toBe(200);
  });

  it.each(['GET', 'DELETE', 'HEAD'])('%s is not allowed', async (method) => {
    const { status, headers } = await asked({ ...signed(''), method }, { asker: hugo });
    expect([status, headers.Allow]).toEqual([405, 'POST']);
  });

  it('refuses an unsigned request before it reads it', async () => {
    expect((await asked(request({ body: '{' }), { asker: hugo })).status).toBe(401);
  });
});

describe('agents of the team', () => {
  const headers = bearer('team-token');

  it('may name anybody, over MCP and plain HTTP', async () => {
    const { fields, subjects } = asking(agents);
    const rpc = await asked(request({ headers, body: call({ email: 'Ann@Example.com' }) }), fields);
    expect(JSON.parse(rpc.json.result.content[0].text).found).toBe(false);
    await asked(request({ headers, body: { session_id: 's' } }), fields);
    await asked(request({ headers, method: 'GET', query: { user_id: 'ann' } }), fields);
    expect(subjects()).toEqual([
      { email: 'Ann@Example.com' },
      { session_id: 's' },
      { user_id: 'ann' },
    ]);
  });

  it('have to name somebody', async () => {
    const { fields, subjects } = asking(agents);
    const rpc = await asked(request({ headers, body: call({ user_id: 'null' }) }), fields);
    expect(rpc.json.result).toMatchObject({ isError: true });
    expect((await asked(request({ headers, method: 'GET' }), fields)).status).toBe(400);
    expect(subjects()).toEqual([]);
  });

  it('get no stream', async () => {
    const get = request({ method: 'GET', headers: { ...headers, accept: 'text/event-stream' } });
    const { status, headers: sent } = await asked(get, { asker: agents });
    expect([status, sent.Allow]).toEqual([405, 'POST']);
    expect((await asked(request({ method: 'DELETE', headers }), { asker: agents })).status).toBe(
      405,
    );
  });

  it('what is broken is an error of MCP', async () => {
    const { status, json } = await asked(request({ headers, body: '{' }), { asker: agents });
    expect([status, json.error.code]).toEqual([400, -32700]);
  });
});

describe.each([
  ['Fin', finToken],
  ['Hugo', hugo],
  ['an agent', agents],
])('%s', (_, asker) => {
  it('cannot ask from a page in a browser', async () => {
    const headers = { origin: 'https://evil.example' };
    expect((await asked(request({ headers }), { asker })).status).toBe(403);
  });

  it('is refused for its length before anything is computed', async () => {
    const body = 'x'.repeat(65_537);
    expect((await asked(request({ body }), { asker })).status).toBe(413);
    expect((await asked(request({ body: body.slice(1) }), { asker })).status).toBe(401);
  });
});

it('who asks too often waits, and nobody else does', async () => {
  const shared = { asker: finToken, perMinute: 2, limit: createRateLimit({ now: () => NOW }) };
  const as = async (user_id: string) =>
    await asked(request({ headers: bearer(token({ user_id, exp })) }), shared);
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await as('ann')).status);
  expect(statuses).toEqual([200, 200, 429]);
  expect((await as('ann')).headers['Retry-After']).toBe('30');
  expect((await as('bob')).status).toBe(200);
});

describe('a memory that fails', () => {
  const recall = () => Promise.reject(new Error('disk full'));

  it('is a sentence to a model, and to others a reason to ask again', async () => {
    const { response, trouble } = await ask(signed(call(), { session: UUID }), parts({ recall }));
    expect(trouble?.message).toBe('disk full');
    expect(response.status).toBe(200);
    expect(response.body).toContain('"isError":true');
    expect(response.body).not.toContain('disk full');
    const headers = bearer('fixed-secret');
    const fin = request({ headers, body: { user_id: 'ann' } });
    expect(await asked(fin, { asker: finSecret, recall })).toMatchObject({
      status: 503,
      headers: { 'Retry-After': '5' },
      json: { error: 'unavailable' },
    });
  });

  it('is not waited for longer than Fin waits', async () => {
    const clock = createFakeClock(NOW);
    const never = new Promise<null>(() => {});
    const fin = request({ headers: bearer('fixed-secret'), body: { user_id: 'ann' } });
    const answer = asked(fin, { asker: finSecret, clock, recall: () => never });
    await clock.advance(8_000);
    expect((await answer).status).toBe(503);
  });
});
