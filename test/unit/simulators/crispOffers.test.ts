import { Crisp, type EventName, type EventsMap } from 'crisp-api';

import { createCrispSimulator, type CrispOptions, type HookEvent } from '../../../simulators/crisp';
import { misfits, type Shape } from '../../../simulators/http/shape';
import { manualClock, receiver } from './support';

// What reaches a visitor before they ask, through Crisp's own client. Fields are those that the client types.

const websiteId = '5c3b7a3e-1c52-4d0c-9f6b-2a4d8e0f7b11';
const PAGE = { title: 'Pricing', url: 'https://app.example/pricing' };
const [SHOW, NO] = [
  { value: 'show', label: 'Show me', selected: false },
  { value: 'no', label: 'No, thanks', selected: false },
] as const;
const OFFER = {
  id: 'offer_7f3a',
  text: 'Comparing plans?',
  required: false,
  choices: [SHOW, NO],
};
const ended: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(ended.splice(0).map((end) => end()));
});

async function connect({
  tokens = [{ tier: 'website', identifier: 'site', key: 'key' }],
  ...options
}: Partial<CrispOptions> = {}) {
  const clock = manualClock();
  const crisp = createCrispSimulator({ websiteId, tokens, clock, ...options });
  ended.push(() => crisp.close());
  const { url } = await crisp.listen();
  const client = new Crisp();
  client.setRestHost(url);
  const [{ tier, identifier, key }] = tokens as [(typeof tokens)[0]];
  client.authenticateTier(tier, identifier, key);
  const chat = client.website;
  const { session_id: id } = crisp.visitorArrives({
    nickname: 'Amara',
    email: 'amara@example.com',
    token: 'token-70',
    page: PAGE,
    data: { posthog_distinct_id: '70' },
  });
  const offer = async (session = id) => {
    const message = { type: 'picker', from: 'operator', origin: 'chat', content: OFFER } as const;
    const sent = await chat.sendMessageInConversation(websiteId, session, message);
    return (sent as { fingerprint: number }).fingerprint;
  };
  const initiate = () => chat.initiateConversationWithExistingSession(websiteId, id);
  /** Everything that hooks report from now on, as a plugin's or a website's. */
  const listen = async (events: HookEvent[], kind: 'plugin' | 'website' = 'plugin') => {
    const hook = await receiver();
    ended.push(hook.close);
    crisp.hooks.subscribe({ kind, url: hook.url, secret: 'sign', events });
    return async () => {
      await crisp.hooks.settled();
      return hook.received.map(({ body }) => body as { event: HookEvent; data: any });
    };
  };
  return { clock, crisp, client, chat, id, offer, initiate, listen };
}

const failure = (code: number, message: string) => ({ code, message });
const seconds = (at: number) => at * 1_000;

describe('a session that is no conversation yet', () => {
  const VISITOR: Shape = {
    session_id: 'string',
    inbox_id: [null],
    nickname: 'string',
    email: 'string',
    avatar: [null],
    useragent: 'string',
    initiated: 'boolean',
    active: 'boolean',
    last_page: 'object',
    geolocation: 'object',
    timezone: 'integer',
    capabilities: 'array',
    locales: 'array',
  };

  it('is listed among the visitors, with its page, until they leave', async () => {
    const { crisp, chat, id, initiate } = await connect();
    const list = async () => await chat.listVisitors(websiteId, 1);
    const [visitor] = await list();
    expect(misfits(VISITOR, visitor)).toEqual([]);
    expect(visitor).toMatchObject({
      ...{ session_id: id, email: 'amara@example.com', initiated: false, active: true },
      last_page: { page_title: PAGE.title, page_url: PAGE.url },
    });
    crisp.visitorVisits(id, { title: 'Home', url: 'https://app.example/' });
    crisp.setPresence(id, 'idle');
    await initiate();
    expect(await list()).toMatchObject([
      { initiated: true, active: false, last_page: { page_title: 'Home' } },
    ]);
    expect(await chat.countVisitors(websiteId)).toEqual({ count: 1, active: 0, limited: false });
    crisp.setPresence(id, 'gone');
    expect(await list()).toEqual([]);
    crisp.setPresence(id, 'active');
    expect(await list()).toHaveLength(1);
    expect(await chat.listVisitors(websiteId, 2)).toEqual([]);
    expect(crisp.journal.violations).toEqual([]);
  });

  it('is found by its token', async () => {
    const { chat, id } = await connect();
    expect(await chat.getSessionIdentifierFromToken(websiteId, 'token-70')).toEqual({
      session_id: id,
    });
    await expect(chat.getSessionIdentifierFromToken(websiteId, 'other')).rejects.toMatchObject(
      failure(404, 'token_not_found'),
    );
  });

  it('becomes a conversation by being initiated, however often', async () => {
    const { crisp, chat, id, initiate, listen } = await connect();
    const told = await listen(['session:request:initiated']);
    const exists = () => chat.checkConversationExists(websiteId, id);
    await expect(exists()).rejects.toMatchObject({ code: 404 });
    await expect(chat.getConversation(websiteId, id)).rejects.toMatchObject(
      failure(404, 'session_not_found'),
    );
    expect(crisp.conversations()).toEqual([]);
    await initiate();
    await initiate();
    await exists();
    expect(crisp.conversations()).toHaveLength(1);
    const session = { website_id: websiteId, session_id: id, inbox_id: null };
    expect(await told()).toMatchObject([{ event: 'session:request:initiated', data: session }]);
    expect(crisp.journal.violations).toEqual([]);
  });

  it('may be readable before that', async () => {
    const { chat, id } = await connect({ quirks: { sessionsAreConversations: true } });
    await chat.checkConversationExists(websiteId, id);
    expect(await chat.getConversation(websiteId, id)).toMatchObject({ session_id: id });
  });

  it('is initiated by a message, or refuses it', async () => {
    const { crisp, chat, id, offer, initiate } = await connect();
    crisp.quirks.earlyMessage = 'refused';
    await expect(offer()).rejects.toMatchObject(failure(404, 'session_not_found'));
    expect(crisp.visitorSees(id)).toEqual([]);
    crisp.quirks.earlyMessage = 'initiates';
    await offer();
    expect(await chat.getConversation(websiteId, id)).toMatchObject({ session_id: id });
    crisp.quirks.earlyMessage = 'refused';
    await initiate();
    await offer();
    expect(crisp.visitorSees(id)).toHaveLength(2);
  });

  it('is initiated by what its visitor writes', async () => {
    const { crisp, id, listen } = await connect();
    const told = await listen(['session:request:initiated', 'message:send']);
    crisp.visitorWrites(id, 'Hello?');
    expect((await told()).map(({ event }) => event).sort()).toEqual([
      'message:send',
      'session:request:initiated',
    ]);
  });

  it.each([true, false])('has hooks about what the site sets: %s', async (earlyHooks) => {
    const { crisp, id, listen } = await connect({ quirks: { earlyHooks } });
    const told = await listen(['session:set_data', 'session:set_email', 'session:sync:pages']);
    crisp.setSessionData(id, { posthog_distinct_id: 'someone else' });
    crisp.setEmail(id, 'victim@example.com');
    crisp.visitorVisits(id, { title: 'Home', url: 'https://app.example/' });
    const { session_id } = crisp.visitorArrives({ email: 'j@example.com', data: { plan: 'pro' } });
    const all = await told();
    if (!earlyHooks) return expect(all).toEqual([]);
    const of = (event: HookEvent) => all.filter((one) => one.event === event);
    expect(of('session:set_data').map(({ data }) => [data.session_id, data.data])).toEqual(
      expect.arrayContaining([
        [id, { posthog_distinct_id: 'someone else' }],
        [session_id, { plan: 'pro' }],
      ]),
    );
    expect(
      of('session:set_email')
        .map(({ data }) => data.email)
        .sort(),
    ).toEqual(['j@example.com', 'victim@example.com']);
    expect(of('session:sync:pages')).toMatchObject([
      { data: { pages: [{ page_url: 'https://app.example/', page_title: 'Home' }] } },
    ]);
  });

  it('of no browser can be made', async () => {
    const { crisp, chat } = await connect();
    const { session_id } = await chat.createNewConversation(websiteId);
    expect(await chat.getConversation(websiteId, session_id!)).toMatchObject({
      availability: 'offline',
      active: { now: false },
    });
    expect(crisp.journal.violations).toEqual([]);
  });
});

describe('an offer', () => {
  it('is seen, and a tap changes it without telling whose it was', async () => {
    const { crisp, chat, id, offer, listen } = await connect();
    const told = await listen(['message:updated'], 'website');
    const fingerprint = await offer();
    expect(crisp.visitorSees(id)).toMatchObject([
      { fingerprint, from: 'team', type: 'picker', text: OFFER.text, choices: OFFER.choices },
    ]);
    crisp.visitorPicks(id, fingerprint, 'show');
    const content = {
      ...OFFER,
      choices: [{ ...SHOW, selected: true }, NO],
    };
    const tap: { event: EventName; data: EventsMap['message:updated'] } = {
      event: 'message:updated',
      data: { website_id: websiteId, session_id: id, inbox_id: null, fingerprint, content },
    };
    expect(await told()).toMatchObject([tap]);
    expect(Object.keys((await told())[0]!.data).sort()).toEqual(Object.keys(tap.data).sort());
    crisp.visitorPicks(id, fingerprint, 'show');
    expect(await told()).toMatchObject([tap, tap]);
    expect(await chat.getMessageInConversation(websiteId, id, fingerprint)).toMatchObject({
      type: 'picker',
      edited: false,
      content,
    });
    expect(crisp.journal.violations).toEqual([]);
  });

  it.each([true, false])('raises the same hook for an edit through the API: %s', async (same) => {
    const { crisp, chat, id, offer, listen } = await connect({ quirks: { editsRaiseHooks: same } });
    const told = await listen(['message:updated']);
    const fingerprint = await offer();
    const content = { ...OFFER, choices: [{ ...NO, selected: true }] };
    await chat.updateMessageInConversation(websiteId, id, fingerprint, content);
    expect(await told()).toHaveLength(same ? 1 : 0);
    expect(crisp.visitorSees(id)).toMatchObject([{ choices: content.choices }]);
    expect(() => crisp.visitorPicks(id, fingerprint, 'show')).toThrow('no choice');
  });

  it('can be taken away', async () => {
    const { crisp, chat, id, offer } = await connect();
    const fingerprint = await offer();
    await chat.removeMessageInConversation(websiteId, id, fingerprint);
    expect(crisp.visitorSees(id)).toEqual([]);
    expect(() => crisp.visitorPicks(id, fingerprint, 'show')).toThrow('does not exist');
  });

  it('is delivered to whoever is there, and read when they look', async () => {
    const { crisp, chat, id, offer, listen } = await connect();
    const told = await listen([
      'message:acknowledge:delivered',
      'message:acknowledge:read:received',
      'message:acknowledge:read:send',
    ]);
    const fingerprint = await offer();
    const state = async (of = fingerprint) => {
      const { read, delivered } = await chat.getMessageInConversation(websiteId, id, of);
      return { read, delivered };
    };
    expect(await state()).toEqual({ read: '', delivered: 'chat' });
    crisp.setPresence(id, 'gone');
    const second = await offer();
    expect(await state(second)).toEqual({ read: '', delivered: '' });
    crisp.setPresence(id, 'active');
    expect(await state(second)).toEqual({ read: '', delivered: 'chat' });
    crisp.visitorReads(id);
    crisp.visitorReads(id);
    expect(await state()).toEqual({ read: 'chat', delivered: 'chat' });
    const { fingerprint: asked } = crisp.visitorWrites(id, 'How?');
    crisp.operatorReads(id);
    const all = (await told()).map(({ event, data }) => [event, data.fingerprints, data.origin]);
    expect(all.sort()).toEqual(
      [
        ['message:acknowledge:delivered', [fingerprint], 'chat'],
        ['message:acknowledge:delivered', [second], 'chat'],
        ['message:acknowledge:delivered', [asked], 'chat'],
        ['message:acknowledge:read:received', [fingerprint, second], 'chat'],
        ['message:acknowledge:read:send', [asked], 'chat'],
      ].sort(),
    );
  });

  it('lands although the answer gets lost', async () => {
    const { crisp, id, offer } = await connect();
    const match = { path: /\/message$/ };
    crisp.faults.add({ match, effect: { kind: 'reset-before' } });
    await expect(offer()).rejects.toBeDefined();
    expect(crisp.visitorSees(id)).toHaveLength(0);
    for (const kind of ['reset-after', '500-after'] as const) {
      crisp.faults.add({ match, effect: { kind } });
      await expect(offer()).rejects.toBeDefined();
    }
    expect(crisp.visitorSees(id)).toHaveLength(2);
  });
});

describe('what is known before an offer', () => {
  it('who waits, who has the conversation, and whether the visitor is there', async () => {
    const { clock, crisp, chat, id, initiate } = await connect();
    await initiate();
    const now = async () => await chat.getConversation(websiteId, id);
    expect(await now()).toMatchObject({
      ...{ state: 'pending', is_blocked: false, availability: 'online', assigned: {} },
      active: { now: true, last: clock.now() },
      unread: { operator: 0, visitor: 0 },
    });
    expect(await now()).not.toHaveProperty('waiting_since');
    const asked = clock.now();
    crisp.visitorWrites(id, 'Hello?');
    clock.advance(seconds(5));
    crisp.visitorWrites(id, 'Anybody?');
    expect(await now()).toMatchObject({
      waiting_since: asked,
      unread: { operator: 2, visitor: 0 },
    });
    await chat.assignConversationRouting(websiteId, id, { assigned: { user_id: 'op-1' } });
    crisp.operatorReads(id);
    crisp.operatorWrites(id, 'Yes');
    crisp.setPresence(id, 'gone');
    const gone = clock.now();
    clock.advance(seconds(60));
    expect(await now()).toMatchObject({
      ...{ state: 'unresolved', assigned: { user_id: 'op-1' }, availability: 'offline' },
      active: { now: false, last: gone },
      unread: { operator: 0, visitor: 1 },
    });
    expect(await now()).not.toHaveProperty('waiting_since');
    expect(await chat.getConversationRoutingAssign(websiteId, id)).toEqual({
      assigned: { user_id: 'op-1' },
    });
    expect(crisp.journal.violations).toEqual([]);
  });

  it('whether the visitor is blocked', async () => {
    const { crisp, chat, id, initiate, listen } = await connect();
    const told = await listen(['session:set_block', 'message:send', 'message:updated']);
    await initiate();
    const blocked = () => chat.getBlockStatusForConversation(websiteId, id);
    expect(await blocked()).toEqual({ blocked: false });
    await chat.blockIncomingMessagesForConversation(websiteId, id, true);
    expect(await blocked()).toEqual({ blocked: true });
    expect(await chat.getConversation(websiteId, id)).toMatchObject({ is_blocked: true });
    expect(() => crisp.visitorWrites(id, 'Hey')).toThrow('blocked');
    crisp.operatorBlocks(id, false);
    expect((await told()).map(({ event, data }) => [event, data.is_blocked])).toEqual(
      expect.arrayContaining([
        ['session:set_block', true],
        ['session:set_block', false],
      ]),
    );
    expect(await told()).toHaveLength(2);
    expect(crisp.journal.violations).toEqual([]);
  });

  it('whether somebody of the team is there', async () => {
    const { clock, crisp, chat, listen } = await connect();
    const told = await listen(['website:users:available']);
    const [{ user_id }] = (await chat.listWebsiteOperatorAvailabilities(websiteId)) as [any];
    expect(await chat.getWebsiteAvailabilityStatus(websiteId)).toEqual({
      status: 'online',
      since: clock.now(),
    });
    clock.advance(seconds(60));
    crisp.setOperator('op-2', true);
    crisp.setOperator(user_id, false);
    crisp.setOperator('op-2', false);
    expect(await told()).toMatchObject([{ data: { website_id: websiteId, available: false } }]);
    clock.advance(seconds(60));
    expect(await chat.getWebsiteAvailabilityStatus(websiteId)).toMatchObject({ status: 'offline' });
    expect(await chat.listWebsiteOperatorAvailabilities(websiteId)).toMatchObject([
      { user_id, type: 'offline', time: { for: seconds(60), since: clock.now() - seconds(60) } },
      { user_id: 'op-2', type: 'offline' },
    ]);
    expect(crisp.journal.violations).toEqual([]);
  });

  it('that the visitor comes and goes', async () => {
    const { crisp, id, listen } = await connect();
    const told = await listen(['session:update_availability']);
    crisp.setPresence(id, 'gone');
    await told();
    crisp.setPresence(id, 'active');
    expect((await told()).map(({ data }) => data.availability)).toEqual(['offline', 'online']);
  });
});

describe('a plugin’s token', () => {
  const PERMISSIONS = [
    'website:conversation:initiate:write',
    'website:conversation:messages:write',
    'website:visitors:read',
  ] as const;
  const plugin = { tier: 'plugin', identifier: 'plug', key: 'k', scopes: PERMISSIONS } as const;

  it('does what its scopes include, and nothing else', async () => {
    const { chat, id, offer, initiate } = await connect({ tokens: [plugin] });
    await initiate();
    const fingerprint = await offer();
    expect(await chat.listVisitors(websiteId, 1)).toHaveLength(1);
    for (const refused of [
      chat.getMessageInConversation(websiteId, id, fingerprint),
      chat.getConversation(websiteId, id),
      chat.getWebsiteAvailabilityStatus(websiteId),
      chat.getBlockStatusForConversation(websiteId, id),
      chat.changeConversationState(websiteId, id, 'resolved'),
    ]) {
      await expect(refused).rejects.toMatchObject(failure(403, 'not_allowed'));
    }
  });

  it('is told of initiated conversations, which website hooks are not', async () => {
    const { crisp, id, listen, initiate } = await connect();
    const events: HookEvent[] = ['session:request:initiated', 'message:send'];
    const website = await listen(events, 'website');
    const own = await listen(events);
    await initiate();
    crisp.visitorWrites(id, 'Hello?');
    expect((await website()).map(({ event }) => event)).toEqual(['message:send']);
    expect(await own()).toHaveLength(2);
  });
});

it('hooks arrive late, twice, out of order, or never', async () => {
  const { clock, crisp, id, offer, listen } = await connect();
  const told = await listen(['message:updated', 'message:send', 'session:set_data']);
  const fingerprint = await offer();
  const times: Record<string, number[]> = {
    'message:updated': [seconds(30)],
    'message:send': [0, seconds(5)],
    'session:set_data': [],
  };
  crisp.hooks.setArrivals((event) => times[event]!);
  crisp.visitorPicks(id, fingerprint, 'show');
  crisp.setSessionData(id, { plan: 'pro' });
  crisp.visitorWrites(id, 'And how?');
  const events = async () => (await told()).map(({ event }) => event);
  expect(await events()).toEqual(['message:send']);
  clock.advance(seconds(5));
  expect(await events()).toEqual(['message:send', 'message:send']);
  clock.advance(seconds(25));
  expect(await events()).toEqual(['message:send', 'message:send', 'message:updated']);
});

it('sessions, pages and what was read are kept between runs', async () => {
  const { crisp, id, offer } = await connect();
  crisp.visitorPicks(id, await offer(), 'no');
  const { session_id } = crisp.visitorArrives({ token: 'token-71', page: PAGE });
  const other = createCrispSimulator({ websiteId, tokens: [] });
  other.restore(JSON.parse(JSON.stringify(crisp.snapshot())));
  expect(other.visitorSees(id)).toEqual(crisp.visitorSees(id));
  expect(other.conversations()).toHaveLength(1);
  expect(other.conversation(session_id)).toMatchObject({ initiated: false, page: PAGE });
});
