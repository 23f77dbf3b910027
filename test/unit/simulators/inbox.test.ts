import { createConnectorSimulator, createCrowd } from '../../../simulators/connector';
import { createCrispSimulator } from '../../../simulators/crisp';
import { connectorSource, createInboxServer, watchAnswers } from '../../../simulators/inbox';
import { NO_FACTS } from '../../../simulators/inbox/facts';
import { createIntercomSimulator } from '../../../simulators/intercom';
import type { ModelRequest } from '../../../simulators/model';
import { createRandom } from '../../../simulators/random';
import { collect, manualClock, receiver, until } from './support';

const people = [
  { id: '70', name: 'Amara', email: 'amara@example.com' },
  { id: '71', name: 'Jonas', email: 'jonas@example.com' },
];
const connector = createConnectorSimulator({ products: { board: { token: '' } } });
const crowd = createCrowd({ connector, productId: 'board', people, random: createRandom(2) });
const token = { tier: 'website', identifier: 'id', key: 'secret' } as const;
let clock: ReturnType<typeof manualClock>;
let intercom: ReturnType<typeof createIntercomSimulator>;
let crisp: ReturnType<typeof createCrispSimulator>;
let calls: ReturnType<typeof watchAnswers>;
let inbox: ReturnType<typeof createInboxServer>;
const agentSecrets = {
  userToken: 'site',
  mcp: 'mcp_sec_1',
  mcpToken: 'bearer',
  crispWebsiteId: 'w',
};
const requests: ModelRequest[] = [];
let url: string;

beforeEach(async () => {
  clock = manualClock();
  intercom = createIntercomSimulator({ accessToken: 'token', clock });
  crisp = createCrispSimulator({ websiteId: 'w', tokens: [token], clock });
  calls = watchAnswers(crisp, { requests });
  const source = connectorSource(connector, 'board');
  const model = { refused: () => undefined };
  inbox = createInboxServer({ intercom, crisp, source, crowd, model, calls, agentSecrets, clock });
  ({ url } = await inbox.listen());
});
afterEach(() => Promise.all([inbox.close(), intercom.close(), crisp.close()]));

const get = async (path: string): Promise<any> => (await fetch(url + path)).json();
const post = async (path: string, body: unknown, type = 'application/json') => {
  const headers = { 'Content-Type': type };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, value: (await response.json()) as any };
};

/** A script of the page and all that it imports, directly or not. Fails if one is not served. */
async function modules(path: string, found: string[] = []): Promise<string[]> {
  if (found.includes(path)) return found;
  found.push(path);
  const response = await fetch(url + path);
  expect([path, response.status]).toEqual([path, 200]);
  const script = await response.text();
  for (const [, imported] of script.matchAll(/^import .* from '(.*)';$/gm)) {
    await modules(imported!, found);
  }
  return found;
}

describe('the inbox', () => {
  it('lets its user write as any visitor', async () => {
    const { value } = await post('/api/conversations', { personId: '70', text: 'Hello <b>' });
    await post(`/api/conversations/${value.id}/replies`, { text: 'Still there?' });
    expect(await get('/api/conversations')).toMatchObject([
      { id: value.id, personId: '70', name: 'Amara', preview: 'Still there?' },
    ]);
    const { entries, email } = await get(`/api/conversations/${value.id}`);
    expect(email).toBe('amara@example.com');
    expect(entries).toMatchObject([
      { kind: 'message', body: '<p>Hello &lt;b&gt;</p>', author: 'Amara' },
      { kind: 'message', body: '<p>Still there?</p>' },
    ]);
  });

  it('lets its user write as an operator in Crisp only', async () => {
    const begun = { personId: '70', chat: 'crisp', text: 'Hello' };
    const { id } = (await post('/api/conversations', begun)).value;
    await post(`/api/conversations/${id}/replies`, { text: 'I take over', as: 'operator' });
    expect(crisp.conversation(id).messages.at(-1)).toMatchObject({
      ...{ from: 'operator', content: 'I take over', automated: false },
    });
    crisp.operatorResolves(id);
    const { entries, preview, state } = await get(`/api/conversations/${id}`);
    expect([preview, state]).toEqual(['I take over', 'resolved']);
    expect(entries.map(({ kind }: any) => kind)).toEqual(['message', 'reply']);
    const other = await post('/api/conversations', { personId: '70', text: 'Hello' });
    const replies = `/api/conversations/${other.value.id}/replies`;
    expect((await post(replies, { text: 'I, too', as: 'operator' })).status).toBe(400);
  });

  it('says until when the bot in Crisp makes way for an operator', async () => {
    const begun = { personId: '70', chat: 'crisp', text: 'Hello' };
    const { id } = (await post('/api/conversations', begun)).value;
    const silence = async () => (await get(`/api/conversations/${id}`)).silentUntil;
    expect(await silence()).toBeNull();
    crisp.operatorNotes(id, 'Internal');
    expect(await silence()).toBeNull();
    clock.advance(1_000);
    await post(`/api/conversations/${id}/replies`, { text: 'I take over', as: 'operator' });
    const at = clock.now();
    expect(await silence()).toBe(at + 30 * 60_000);
    clock.advance(60_000);
    await post(`/api/conversations/${id}/replies`, { text: 'And now?' });
    expect(await silence()).toBe(at + 30 * 60_000);
    clock.advance(1_000);
    crisp.operatorResolves(id);
    expect(await silence()).toBeNull();
  });

  it('recognises activity notes, summaries, other notes and replies', async () => {
    const conversation = intercom.visitorStarts({ external_id: '70', text: 'Hi' });
    const { url: api } = await intercom.listen();
    const header = 'session_id: s1<br>timestamp: 2026-01-15 12:34:50 UTC';
    for (const [message_type, body] of [
      ['note', `<p>${header}</p><p>[1] User clicked Export</p>`],
      ['note', `<p>${header}</p><p>They tried to export.</p>`],
      ['note', '<p>Call them tomorrow</p>'],
      ['comment', '<p>Hello</p>'],
    ]) {
      await fetch(`${api}/conversations/${conversation.id}/reply`, {
        method: 'POST',
        headers: { Authorization: 'Bearer token', 'Content-Type': 'application/json' },
        body: JSON.stringify({ message_type, type: 'admin', admin_id: '9912674', body }),
      });
    }
    const { entries } = await get(`/api/conversations/${conversation.id}`);
    expect(entries.map(({ kind }: any) => kind)).toEqual([
      'message',
      'activity',
      'summary',
      'note',
      'reply',
    ]);
  });

  it('makes a visitor get stuck, who then stays where they are', async () => {
    const stuck = await post('/api/people/71/stuck', { way: 'dwell' });
    expect(stuck.value).toEqual({ active: false });
    const [, jonas] = await get('/api/people');
    expect(jonas).toMatchObject({ active: false, actions: [{ path: '/dashboard' }] });
    expect((await post('/api/people/71/stuck', { way: 'toString' })).status).toBe(400);
    expect((await post('/api/people/72/stuck', { way: 'dwell' })).status).toBe(404);
    crowd.stop();
    crowd.setActive('71', true);
  });

  it('makes a visitor act, and shows the actions', async () => {
    const done = await post('/api/people/71/acts', { act: 'export-fails' });
    expect(done.value).toEqual({ count: 4 });
    const [amara, jonas] = await get('/api/people');
    expect(jonas.actions.at(-1)).toMatchObject({
      type: 'click',
      description: 'User clicked Try again button on the export page',
      path: expect.stringMatching(/^\/boards\/\d+\/export$/),
    });
    expect(amara.actions).toEqual([]);
  });

  it('switches a visitor’s own acting off and on', async () => {
    await post('/api/people/71/active', { active: false });
    expect(await get('/api/people')).toMatchObject([
      { id: '70', active: true, sessionId: crowd.visitor('70').sessionId },
      { id: '71', active: false },
    ]);
    expect((await post('/api/people/71/active', { active: true })).value).toEqual({ active: true });
  });

  it('says what is around it, once that is known', async () => {
    expect(await get('/api/demo')).toMatchObject({ n8n: null, workflows: [] });
    const facts = {
      n8n: 'http://127.0.0.1:5678',
      workflows: [{ name: 'Notes', chat: 'intercom' as const, url: 'http://127.0.0.1:5678/w/1' }],
      simulated: { visitors: true, intercom: true, crisp: true, model: false },
      silentMinutes: 5,
      offers: 'About offers',
      agents: { intercom: null, crisp: null },
    };
    const events = collect(await fetch(`${url}/api/events`));
    await until(() => events.text !== '');
    inbox.describe(facts);
    await until(() => events.text.includes('event: reload'));
    expect(await get('/api/demo')).toEqual({ ...facts, website: null });
  });

  it('lets the AI agent of a chat product ask n8n about the visitor', async () => {
    const n8n = await receiver();
    const { value } = await post('/api/conversations', { personId: '70', text: 'Hi' });
    await post(`/api/conversations/${value.id}/replies`, { text: 'Why <b>not</b>?' });
    const questions = `/api/conversations/${value.id}/questions`;
    expect((await post(questions, {})).status).toBe(400);
    inbox.describe({ ...NO_FACTS, agents: { intercom: n8n.url, crisp: null } });
    const own = await post(questions, { as: 'agent' });
    expect(own.value).toMatchObject({
      ...{ agent: 'Fin', question: 'Why <b>not</b>?', forged: false, status: 200 },
      identity: [{}, { name: 'user_id', value: '70' }, {}],
    });
    const forged = await post(questions, { as: 'attacker' });
    expect(forged.value).toMatchObject({ forged: true });
    const tokens = n8n.received.map(({ headers }) => headers.authorization!.split('.'));
    expect(tokens[0]!.slice(0, 2)).toEqual(tokens[1]!.slice(0, 2));
    expect(tokens[0]![2]).not.toBe(tokens[1]![2]);
    n8n.close();
  });

  it('lets Hugo ask from conversations in Crisp', async () => {
    const n8n = await receiver();
    const begun = { personId: '71', chat: 'crisp', text: 'Hello' };
    const { id } = (await post('/api/conversations', begun)).value;
    inbox.describe({ ...NO_FACTS, agents: { intercom: null, crisp: n8n.url } });
    const { value } = await post(`/api/conversations/${id}/questions`, { as: 'agent' });
    expect(value).toMatchObject({ agent: 'Hugo', question: 'Hello' });
    expect(n8n.received.map(({ body }) => body.method)).toEqual(['tools/list', 'tools/call']);
    expect(n8n.received[1]!.headers.authorization).toBe('Bearer bearer');
    const [list, call] = n8n.received.map(({ headers }) => headers['x-crisp-session-id']);
    expect([list, `session_${call as string}`]).toEqual([undefined, id]);
    n8n.close();
  });

  it('streams activity and conversations', async () => {
    const events = collect(await fetch(`${url}/api/events`));
    await until(() => events.text !== '');
    await post('/api/people/70/acts', { act: 'visit-pricing' });
    const { value } = await post('/api/conversations', { personId: '70', text: 'Hi' });
    await until(() => events.text.includes('event: conversation'));
    expect(events.text).toContain('event: activity\ndata: {"personId":"70","actions":[');
    expect(events.text).toContain(`"id":"${value.id}"`);
  });

  it('refuses other types than JSON, empty texts and unknown persons', async () => {
    const start = (body: unknown, type?: string) => post('/api/conversations', body, type);
    expect((await start({ personId: '70', text: 'Hi' }, 'text/plain')).status).toBe(400);
    expect((await start({ personId: '70', text: '  ' })).status).toBe(400);
    expect((await start({ personId: '99', text: 'Hi' })).status).toBe(404);
    expect((await post('/api/people/99/acts', { act: 'visit-pricing' })).status).toBe(404);
    expect((await post('/api/people/70/acts', { act: 'toString' })).status).toBe(400);
    expect((await start({ personId: '70', text: 'Hi', chat: 'pigeon' })).status).toBe(400);
    for (const id of ['99', 'session_99', 'nonsense']) {
      expect((await fetch(`${url}/api/conversations/${id}`)).status).toBe(404);
      expect((await post(`/api/conversations/${id}/replies`, { text: 'Hi' })).status).toBe(404);
    }
    expect((await post('/api/nothing', {})).status).toBe(404);
  });

  it('serves its page, which may load nothing from elsewhere, and no other file', async () => {
    const page = await fetch(url);
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(await page.text()).toContain('<title>Demo inbox');
    expect(await modules('/app.js')).toEqual(
      expect.arrayContaining(['/thread.js', '/safeHtml.js', '/lit-html/lit-html.js']),
    );
    expect((await fetch(`${url}/..%2fserver.ts`)).status).toBe(404);
  });
});

describe('the inbox, for Intercom', () => {
  const admin_id = '9912674';
  let api: string;
  beforeEach(async () => ({ url: api } = await intercom.listen()));
  const call = async (path: string, body: object): Promise<any> => {
    const response = await fetch(api + path, {
      method: 'POST',
      headers: { Authorization: 'Bearer token', 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.ok).toBe(true);
    return await response.json();
  };
  const reachOut = (more: object = {}) => {
    const { id } = intercom.addContact({ external_id: '70', name: 'Amara' });
    const message = { message_type: 'in_app', from: { type: 'admin', id: Number(admin_id) } };
    return call('/messages', {
      ...message,
      to: { type: 'user', id },
      body: 'Need a hand?',
      ...more,
    });
  };

  it('lets the visitor tap a quick reply, once', async () => {
    const { conversation_id: id } = await reachOut({
      create_conversation_without_contact_reply: true,
    });
    const options = ['u-1', 'u-2'].map((uuid) => ({ uuid, text: `Option ${uuid}` }));
    const buttons = { message_type: 'quick_reply', type: 'admin', reply_options: options };
    await call(`/conversations/${id}/reply`, { ...buttons, admin_id });
    const thread = async () => await get(`/api/conversations/${id}`);
    const [first, second] = options.map(({ uuid, text }) => {
      return { id: uuid, label: text, chosen: false };
    });
    const { entries } = await thread();
    expect(await thread()).toMatchObject({
      ...{ personId: '70', offer: true, preview: 'Need a hand?', saidBy: 'team' },
      entries: [
        { kind: 'reply', body: '<p>Need a hand?</p>', choices: [] },
        { kind: 'reply', body: '', choices: [first, second], open: true },
      ],
    });
    const tap = { entry: entries[1].id, choice: 'u-2' };
    expect((await post(`/api/conversations/${id}/choices`, tap)).status).toBe(200);
    expect(await thread()).toMatchObject({
      ...{ offer: false, preview: 'Option u-2', saidBy: 'visitor' },
      entries: [
        {},
        { choices: [first, { ...second, chosen: true }], open: false },
        { kind: 'message', body: '<p>Option u-2</p>' },
      ],
    });
    const other = await post(`/api/conversations/${id}/choices`, { ...tap, choice: 'u-3' });
    expect(other.status).toBe(400);
  });

  it('shows a message that has no conversation, until the visitor answers it', async () => {
    await reachOut();
    const [{ id, ...listed }] = await get('/api/conversations');
    expect(listed).toMatchObject({ chat: 'intercom', personId: '70', preview: 'Need a hand?' });
    expect(await get(`/api/conversations/${id}`)).toMatchObject({
      entries: [{ kind: 'reply', body: '<p>Need a hand?</p>', author: 'Autoplay' }],
    });
    const answer = await post(`/api/conversations/${id}/replies`, { text: 'Yes' });
    const { id: opened } = intercom.conversations()[0]!;
    expect(answer.value.conversation).toBe(opened);
    expect((await get('/api/conversations')).map((one: any) => one.id)).toEqual([opened]);
    expect((await fetch(`${url}/api/conversations/${id}`)).status).toBe(404);
  });
});

describe('the inbox, for Crisp', () => {
  /** Opens the API for one conversation, as a bot uses it. */
  const apiOf = async (sessionId: string) => {
    const { url: origin } = await crisp.listen();
    const credentials = Buffer.from(`${token.identifier}:${token.key}`).toString('base64');
    return async (method: string, path: string, body?: unknown): Promise<any> => {
      const response = await fetch(`${origin}/v1/website/w/conversation/${sessionId}${path}`, {
        method,
        headers: {
          Authorization: `Basic ${credentials}`,
          'X-Crisp-Tier': token.tier,
          'Content-Type': 'application/json',
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      expect(response.ok).toBe(true);
      return ((await response.json()) as any).data;
    };
  };
  const operator = { type: 'text', from: 'operator', origin: 'chat' };
  const bodyOf = async (text: string): Promise<string> => {
    const { session_id } = crisp.visitorOpens({});
    crisp.visitorWrites(session_id, text);
    return (await get(`/api/conversations/${session_id}`)).entries[0].body;
  };

  it('lists the conversations of both products, latest activity first', async () => {
    const [first, second] = [
      intercom.visitorStarts({ external_id: '70', text: 'In Intercom' }),
      crisp.visitorOpens({ nickname: 'Someone' }),
    ];
    const ids = async () => (await get('/api/conversations')).map(({ id }: any) => id);
    clock.advance(2_000);
    crisp.visitorWrites(second.session_id, 'In **Crisp**');
    expect(await get('/api/conversations')).toMatchObject([
      {
        chat: 'crisp',
        personId: null,
        name: 'Someone',
        preview: 'In Crisp',
        saidBy: 'visitor',
        typing: false,
      },
      { chat: 'intercom', preview: 'In Intercom', typing: false, state: null },
    ]);
    clock.advance(2_000);
    intercom.visitorReplies(first.id, 'Still in Intercom');
    expect(await ids()).toEqual([first.id, second.session_id]);
  });

  it('puts the visitor’s session into the data of their conversation', async () => {
    const start = { personId: '71', chat: 'crisp', text: 'Hello <b>' };
    const { id } = (await post('/api/conversations', start)).value;
    await post(`/api/conversations/${id}/replies`, { text: 'Still there?' });
    expect(await get(`/api/conversations/${id}`)).toMatchObject({
      chat: 'crisp',
      personId: '71',
      name: 'Jonas',
      email: 'jonas@example.com',
      entries: [
        { kind: 'message', author: 'Jonas', body: '<p>Hello &lt;b&gt;</p>' },
        { kind: 'message', author: 'Jonas', body: '<p>Still there?</p>' },
      ],
    });
    expect(crisp.conversation(id).meta.data).toEqual({
      posthog_session_id: crowd.visitor('71').sessionId,
      posthog_distinct_id: '71',
    });
    // A chatbox goes on with the visitor's one conversation.
    expect((await post('/api/conversations', start)).value.id).toBe(id);
    expect(intercom.conversations()).toEqual([]);
  });

  it('writes into the selected conversation, even if the visitor has another', async () => {
    const data = { posthog_distinct_id: '71' };
    const [older, newer] = [crisp.visitorOpens({ data }), crisp.visitorOpens({ data })];
    clock.advance(1_000);
    crisp.visitorWrites(newer.session_id, 'Over here');
    await post(`/api/conversations/${older.session_id}/replies`, { text: 'And here' });
    expect(older.messages).toMatchObject([{ content: 'And here' }]);
    expect(newer.messages).toHaveLength(1);
  });

  it('shows replies and kinds of notes, and what was edited or removed', async () => {
    const { session_id } = crisp.visitorOpens({ nickname: 'Amara' });
    const api = await apiOf(session_id);
    const header = 'session_id: s_1\ntimestamp: 2026-01-15 12:34:50 UTC\n\n';
    const user = { nickname: 'Copilot', avatar: 'https://elsewhere.example/copilot.png' };
    const send = async (message: object): Promise<number> =>
      (await api('POST', '/message', { ...operator, ...message })).fingerprint;
    await send({ type: 'note', content: `${header}[1] User clicked Export` });
    await send({ type: 'note', content: `${header}They tried to export.` });
    await send({ type: 'note', content: 'Call them tomorrow' });
    await send({ content: 'Hello', user, automated: true });
    const edited = await send({ content: 'Helo' });
    const removed = await send({ content: 'A secret' });
    await api('PATCH', `/message/${edited}`, { content: 'Hello again' });
    await api('DELETE', `/message/${removed}`);

    const { entries, name, preview, saidBy } = await get(`/api/conversations/${session_id}`);
    expect(entries).toMatchObject([
      { kind: 'activity' },
      { kind: 'summary' },
      { kind: 'note', author: 'Northwind Boards', automated: false, avatar: null },
      { kind: 'reply', author: 'Copilot', automated: true, edited: false, avatar: user.avatar },
      { kind: 'reply', body: '<p>Hello again</p>', edited: true, redacted: false },
      { kind: 'reply', redacted: true, body: '<p><i>This message was removed</i></p>' },
    ]);
    expect({ name, preview, saidBy }).toEqual({
      name: 'Amara',
      preview: 'Hello again',
      saidBy: 'team',
    });
  });

  it('shows the model call behind a bot’s answer', async () => {
    const { session_id } = crisp.visitorOpens({});
    crisp.visitorWrites(session_id, 'Hello?');
    const messages = [{ role: 'user', text: 'Hello?' }];
    const prompt = { messages, tools: [], toolChoice: 'auto' };
    const asked = { at: clock.now(), path: '', model: 'm', body: {}, prompt };
    requests.push({ ...asked, answer: 'Hi!', usage: null });
    const api = await apiOf(session_id);
    await api('POST', '/message', { ...operator, content: 'Hi!' });
    const { fingerprint } = await api('POST', '/message', { ...operator, content: 'And by hand' });
    const known = { at: asked.at, activity: null, messages };
    const url = `/api/conversations/${session_id}`;
    expect((await get(url)).entries).toMatchObject([
      { kind: 'message', call: null },
      { kind: 'reply', call: known },
      { id: String(fingerprint), call: null },
    ]);
    expect(await get('/api/connections')).toEqual({
      stream: 'none',
      intercom: 'none',
      crisp: 'none',
      model: 'none',
    });
  });

  it('lets the visitor tap the choices of a picker, and shows the chosen one', async () => {
    const { session_id } = crisp.visitorOpens({});
    const api = await apiOf(session_id);
    const choices = ['Yes', 'No <i>'].map((label) => ({ value: label, label, selected: false }));
    const content = { id: 'p', text: 'Did it help?', choices };
    const { fingerprint } = await api('POST', '/message', { ...operator, type: 'picker', content });
    const thread = async () => await get(`/api/conversations/${session_id}`);
    const [yes, no] = choices.map(({ label }) => ({ id: label, label, chosen: false }));
    expect(await thread()).toMatchObject({
      offer: true,
      entries: [{ body: '<p>Did it help?</p>', choices: [yes, no], open: true }],
    });
    const tap = { entry: String(fingerprint), choice: 'Yes' };
    expect((await post(`/api/conversations/${session_id}/choices`, tap)).status).toBe(200);
    expect(await thread()).toMatchObject({
      offer: false,
      entries: [{ choices: [{ ...yes, chosen: true }, no], open: true }],
    });
    const other = await post(`/api/conversations/${session_id}/choices`, { ...tap, choice: '' });
    expect(other.status).toBe(400);
    await api('DELETE', `/message/${fingerprint}`);
    expect((await thread()).entries).toMatchObject([{ choices: [], open: false }]);
  });

  it('shows no session that is no conversation, until something is said', async () => {
    const events = collect(await fetch(`${url}/api/events`));
    await until(() => events.text !== '');
    const { session_id } = crisp.visitorArrives({ nickname: 'Amara' });
    crisp.visitorVisits(session_id, { title: 'Pricing', url: 'https://app.example/pricing' });
    expect(await get('/api/conversations')).toEqual([]);
    const api = await apiOf(session_id);
    const choices = [{ value: 'a', label: 'A' }];
    const content = { id: 'p', text: 'Need a hand?', choices };
    await api('POST', '/message', { ...operator, type: 'picker', content });
    await until(() => events.text.includes('Need a hand?'));
    const sent = [...events.text.matchAll(/"offer":(true|false)/g)].map(([, offer]) => offer);
    expect([...new Set(sent)]).toEqual(['false', 'true']);
    expect(await get('/api/conversations')).toMatchObject([{ id: session_id, offer: true }]);
  });

  it('streams messages, typing and state as they change', async () => {
    const events = collect(await fetch(`${url}/api/events`));
    await until(() => events.text !== '');
    const latest = (): any => JSON.parse(events.text.trim().split('data: ').at(-1)!);
    const { session_id } = crisp.visitorOpens({});
    await until(() => events.text.endsWith('\n\n') && events.text.includes(session_id));
    expect(latest()).toMatchObject({ chat: 'crisp', preview: 'Has the chat open', typing: false });

    const api = await apiOf(session_id);
    await api('PATCH', '/compose', { type: 'start', from: 'operator' });
    await until(() => latest().typing);
    await api('POST', '/message', { ...operator, content: 'Here I am' });
    await until(() => latest().preview === 'Here I am' && !latest().typing);
    await api('PATCH', '/state', { state: 'resolved' });
    await until(() => latest().state === 'resolved');
  });

  it.each([
    ['<img src=x onerror="alert(1)">', '<p>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;</p>'],
    ['**<script>** &lt;b>', '<p><strong>&lt;script&gt;</strong> &amp;lt;b&gt;</p>'],
    ['`</code><b>`', '<p><code>&lt;/code&gt;&lt;b&gt;</code></p>'],
    ['```\n</pre><b>', '<pre><code>&lt;/pre&gt;&lt;b&gt;</code></pre>'],
    ['- <b>', '<ul>\n<li>&lt;b&gt;</li>\n</ul>'],
    ['[click](javascript:alert(1))', '<p>[click](javascript:alert(1))</p>'],
    ['![x](https://a.example/x.png)', '<p>!<a href="https://a.example/x.png">x</a></p>'],
    [
      '[<b>](https://a.example/?b=1&c)',
      '<p><a href="https://a.example/?b=1&amp;c">&lt;b&gt;</a></p>',
    ],
    [
      '[x](https://a.example/"onclick="alert(1))',
      '<p><a href="https://a.example/%22onclick=%22alert(1)">x</a></p>',
    ],
  ])('shows markup as text: %s', async (text, body) => {
    expect(await bodyOf(text)).toBe(body);
  });

  it('renders light Markdown: emphasis, line breaks, bare links and lists', async () => {
    expect(await bodyOf('**bold**, *it* and session_id_x\n[1] https://a.example/b_(c).')).toBe(
      '<p><strong>bold</strong>, <em>it</em> and session_id_x<br>[1] <a href="https://a.example/b_(c)">https://a.example/b_(c)</a>.</p>',
    );
    expect(await bodyOf('2. two')).toBe('<ol start="2">\n<li>two</li>\n</ol>');
  });
});
