import { Crisp } from 'crisp-api';

import { createCrispSimulator, type CrispOptions } from '../../../simulators/crisp';
import { manualClock } from './support';

const clock = manualClock();
const running: { close(): Promise<void> }[] = [];
const websiteId = '5c3b7a3e-1c52-4d0c-9f6b-2a4d8e0f7b11';
const tokens = [
  { tier: 'website', identifier: 'site', key: 'key:1' },
  { tier: 'plugin', identifier: 'plug', key: 'key-2' },
] as const;

interface Answer {
  status: number;
  headers: Headers;
  body: any;
}

async function start(options: Partial<CrispOptions> = {}) {
  const crisp = createCrispSimulator({ websiteId, tokens, clock, ...options });
  running.push(crisp);
  const { url } = await crisp.listen();
  const usual = {
    Authorization: `Basic ${Buffer.from('site:key:1').toString('base64')}`,
    'Content-Type': 'application/json',
    'X-Crisp-Tier': 'website',
  };
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers = {},
    website = websiteId,
  ): Promise<Answer> => {
    const payload = typeof body === 'string' ? body : (JSON.stringify(body) ?? null);
    const init = { method, headers: { ...usual, ...headers }, body: payload };
    const response = await fetch(`${url}/v1/website/${website}${path}`, init);
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const conversation = crisp.visitorOpens({
    nickname: 'Amara',
    email: 'amara@example.com',
    verified: true,
    data: { posthog_session_id: 's-1' },
  });
  const id = conversation.session_id;
  const within = `/conversation/${id}`;
  const send = (more: object = {}): Promise<Answer> =>
    call('POST', `${within}/message`, {
      type: 'text',
      from: 'operator',
      origin: 'chat',
      content: 'Hi',
      ...more,
    });
  const list = async (query = ''): Promise<any[]> =>
    (await call('GET', `${within}/messages${query}`)).body.data;
  return { crisp, url, call, conversation, id, within, send, list };
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

const refusal = ({ status, body }: Answer): unknown[] => [status, body.error, body.reason];

describe('with the official client', () => {
  async function connect() {
    const started = await start();
    const client = new Crisp();
    client.setRestHost(started.url);
    client.authenticateTier('website', 'site', 'key:1');
    return { ...started, client, chat: client.website };
  }

  it('a message is sent, read, edited and removed', async () => {
    const { chat, id } = await connect();
    const { fingerprint } = (await chat.sendMessageInConversation(websiteId, id, {
      type: 'note',
      from: 'operator',
      origin: 'chat',
      content: 'session_id: s-1',
    })) as { fingerprint: number };
    expect(await chat.getMessageInConversation(websiteId, id, fingerprint)).toMatchObject({
      type: 'note',
      content: 'session_id: s-1',
      session_id: id,
      website_id: websiteId,
      timestamp: clock.now(),
    });
    await chat.updateMessageInConversation(websiteId, id, fingerprint, 'shorter');
    expect(await chat.getMessagesInConversation(websiteId, id)).toMatchObject([
      { fingerprint, content: 'shorter', edited: true },
    ]);
    await chat.removeMessageInConversation(websiteId, id, fingerprint);
    expect(await chat.getMessagesInConversation(websiteId, id)).toEqual([]);
    await expect(
      chat.removeMessageInConversation(websiteId, id, fingerprint),
    ).rejects.toMatchObject({ code: 404, message: 'message_not_found' });
  });

  it('the visitor is known, an operator types, and the state changes', async () => {
    const { chat, id, crisp } = await connect();
    expect(await chat.getConversationMetas(websiteId, id)).toMatchObject({
      nickname: 'Amara',
      email: 'amara@example.com',
      data: { posthog_session_id: 's-1' },
      segments: [],
    });
    await chat.composeMessageInConversation(websiteId, id, { type: 'start', from: 'operator' });
    expect(crisp.conversation(id).compose.operator).toEqual({ timestamp: clock.now() });
    await chat.changeConversationState(websiteId, id, 'resolved');
    expect(await chat.getConversation(websiteId, id)).toMatchObject({
      is_verified: true,
      state: 'resolved',
      compose: { operator: { type: 'start' } },
    });
  });

  it('a wrong key is refused', async () => {
    const { client, chat, id } = await connect();
    client.authenticateTier('website', 'site', 'other');
    await expect(chat.getConversation(websiteId, id)).rejects.toMatchObject({
      code: 401,
      message: 'invalid_session',
    });
  });
});

describe('messages', () => {
  it('keep their fingerprint, time and author, or get default ones', async () => {
    const { send, list } = await start();
    const given = { fingerprint: 123456789012345, timestamp: clock.now() - 5_000 };
    const user = { type: 'participant', nickname: 'Copilot', avatar: 'https://example.com/a.png' };
    const second = await send({ content: 'second' });
    const first = await send({ content: 'first', ...given, user, automated: true });
    expect(first.body).toEqual({
      error: false,
      reason: 'dispatched',
      data: { fingerprint: given.fingerprint },
    });
    expect(await list()).toMatchObject([
      { ...given, user, automated: true, edited: false },
      {
        fingerprint: second.body.data.fingerprint,
        timestamp: clock.now(),
        user: { type: 'website', nickname: 'Northwind Boards' },
        automated: false,
      },
    ]);
  });

  it('have different fingerprints, even when they are written at the same time', async () => {
    const { crisp, id, list } = await start();
    for (let count = 0; count < 150; count += 1) crisp.visitorWrites(id, `${count}`);
    const { messages } = crisp.conversation(id);
    expect(new Set(messages.map(({ fingerprint }) => fingerprint)).size).toBe(150);
    expect(String(messages[0]!.fingerprint)).toHaveLength(15);
    expect((await list()).map(({ content }) => Number(content))).toEqual(
      Array.from({ length: 40 }, (_, index) => 110 + index),
    );
  });

  it('are listed by pages before and after a time', async () => {
    const { crisp, id, list } = await start();
    const times: number[] = [];
    for (let count = 0; count < 50; count += 1) {
      clock.advance(10);
      times.push(clock.now());
      crisp.visitorWrites(id, `${count}`);
    }
    const contents = async (query: string) => (await list(query)).map((one) => Number(one.content));
    const before = await contents(`?timestamp_before=${times[45]}`);
    expect([before[0], before.at(-1), before.length]).toEqual([5, 44, 40]);
    const after = await contents(`?timestamp_after=${times[3]}`);
    expect([after[0], after.at(-1), after.length]).toEqual([4, 43, 40]);
    expect(await contents(`?timestamp_after=${times[3]}&timestamp_before=${times[6]}`)).toEqual([
      4, 5,
    ]);
  });

  it('end the typing, except stealthy ones, notes and those of the visitor', async () => {
    const { crisp, id, within, call, send } = await start();
    await call('PATCH', `${within}/compose`, { type: 'start', from: 'operator' });
    await send({ stealth: true });
    await send({ type: 'note' });
    await send({ from: 'user' });
    expect(crisp.conversation(id).compose.operator).toBeDefined();
    await send();
    expect(crisp.conversation(id).compose.operator).toBeUndefined();
  });

  it('change the state: an answer ends `pending`, a new question reopens', async () => {
    const { crisp, id, within, call, send } = await start();
    crisp.visitorWrites(id, 'Hello?');
    expect(crisp.conversation(id).state).toBe('pending');
    await send();
    expect(crisp.conversation(id).state).toBe('unresolved');
    await call('PATCH', `${within}/state`, { state: 'resolved' });
    crisp.visitorWrites(id, 'One more thing');
    expect(crisp.conversation(id).state).toBe('unresolved');
  });

  it('with a picker accept a choice', async () => {
    const { crisp, id, send, list } = await start();
    const choices = ['a', 'b'].map((value) => ({ value, label: `Choice ${value}` }));
    const sent = await send({ type: 'picker', content: { id: 'p', text: 'Which?', choices } });
    const { fingerprint } = sent.body.data;
    crisp.visitorPicks(id, fingerprint, 'a');
    crisp.visitorPicks(id, fingerprint, 'b');
    const [{ content }] = (await list()) as [any];
    expect(content.choices.map(({ selected }: any) => selected)).toEqual([false, true]);
    expect(() => crisp.visitorPicks(id, fingerprint, 'c')).toThrow('no choice "c"');
  });

  it('that were removed are kept by the simulator, but not by the API', async () => {
    const { crisp, id, within, call, send } = await start();
    const { fingerprint } = (await send()).body.data;
    const removed = await call('DELETE', `${within}/message/${fingerprint}`);
    expect(removed.body).toEqual({ error: false, reason: 'deleted', data: {} });
    expect(crisp.conversation(id).messages).toMatchObject([{ fingerprint, removed: true }]);
    const answer = await call('PATCH', `${within}/message/${fingerprint}`, { content: 'x' });
    expect(refusal(answer)).toEqual([404, true, 'message_not_found']);
  });
});

describe('what it refuses', () => {
  it.each([
    ['no token', { Authorization: '' }],
    ['a wrong token', { Authorization: `Basic ${Buffer.from('site:x').toString('base64')}` }],
    ['no tier', { 'X-Crisp-Tier': '' }],
    ['a tier that is not the token’s', { 'X-Crisp-Tier': 'plugin' }],
  ])('%s', async (_, headers) => {
    const { call, within } = await start();
    const answer = await call('GET', within, undefined, headers);
    expect(refusal(answer)).toEqual([401, true, 'invalid_session']);
  });

  it.each([
    ['no type', { type: undefined }],
    ['an unknown type', { type: 'letter' }],
    ['no sender', { from: undefined }],
    ['an unknown sender', { from: 'bot' }],
    ['no origin', { origin: undefined }],
    ['no content', { content: undefined }],
    ['an empty text', { content: ' ' }],
    ['a text that is none', { content: { text: 'Hi' } }],
    ['a picker that is a text', { type: 'picker' }],
    ['a picker without choices', { type: 'picker', content: { id: 'p', text: 'Q', choices: [] } }],
    ['a fingerprint that is no number', { fingerprint: '1' }],
    ['an author that is none', { user: 'Copilot' }],
  ])('%s', async (_, more) => {
    const { send, crisp } = await start();
    const answer = await send(more);
    expect(refusal(answer)).toEqual([400, true, 'invalid_data']);
    expect(answer.body.data.message).toEqual(expect.stringMatching(/\w/));
    expect(crisp.journal.mutations.map(({ kind }) => kind)).toEqual(['conversation-created']);
  });

  it('what does not exist', async () => {
    const { call, within } = await start();
    const body = { type: 'text', from: 'operator', origin: 'chat', content: 'Hi' };
    const elsewhere = await call('GET', within, undefined, {}, 'another-website');
    expect(refusal(elsewhere)).toEqual([404, true, 'website_not_found']);
    const unknown = await call('POST', '/conversation/session_x/message', body);
    expect(refusal(unknown)).toEqual([404, true, 'session_not_found']);
    expect(refusal(await call('GET', `${within}/message/12`))[2]).toBe('message_not_found');
    expect(refusal(await call('GET', `${within}/message/latest`))[2]).toBe('message_not_found');
    expect(refusal(await call('GET', '/unicorns'))).toEqual([404, true, 'route_not_found']);
  });

  it('invalid states, typing and times', async () => {
    const { call, within } = await start();
    const answers = await Promise.all([
      call('PATCH', `${within}/state`, { state: 'open' }),
      call('PATCH', `${within}/compose`, { type: 'pause', from: 'operator' }),
      call('PATCH', `${within}/compose`, { type: 'start' }),
      call('GET', `${within}/messages?timestamp_after=yesterday`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
  });

  it('a body that is broken or not declared as JSON, and notes the violation', async () => {
    const { call, within, crisp } = await start();
    const path = `${within}/message`;
    expect((await call('POST', path, '{}', { 'Content-Type': 'text/plain' })).status).toBe(400);
    expect((await call('POST', path, '{"type":')).status).toBe(400);
    const rules = crisp.journal.violations.map(({ rule }) => rule);
    expect(rules.filter((rule) => rule !== 'undocumented')).toEqual([
      'content-type',
      'invalid-json',
    ]);
  });
});

describe('the quota', () => {
  it('counts the calls of each token for a day', async () => {
    const { call } = await start({ dailyQuota: 2 });
    const plugin = {
      Authorization: `Basic ${Buffer.from('plug:key-2').toString('base64')}`,
      'X-Crisp-Tier': 'plugin',
    };
    const website = await call('GET', '');
    expect(website.body.data).toMatchObject({ website_id: websiteId, name: 'Northwind Boards' });
    await call('GET', '');
    expect(refusal(await call('GET', ''))).toEqual([429, true, 'rate_limited']);
    expect((await call('GET', '', undefined, plugin)).status).toBe(200);
    clock.advance(86_400_000);
    expect((await call('GET', '')).status).toBe(200);
  });
});
