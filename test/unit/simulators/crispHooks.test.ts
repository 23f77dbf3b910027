import { createHmac } from 'node:crypto';

import { Crisp } from 'crisp-api';

import { createCrispSimulator, type HookEvent } from '../../../simulators/crisp';
import { manualClock, receiver, until } from './support';

const clock = manualClock();
const running: (() => unknown)[] = [];
const websiteId = '5c3b7a3e-1c52-4d0c-9f6b-2a4d8e0f7b11';

async function setUp(
  statuses: number[] = [],
  { secret, events }: { secret?: string; events?: HookEvent[] } = {},
) {
  const token = { tier: 'website', identifier: 'site', key: 'key' } as const;
  const crisp = createCrispSimulator({ websiteId, tokens: [token], clock });
  const { url: origin } = await crisp.listen();
  running.push(() => crisp.close());
  const { url: hook, received, close } = await receiver(...statuses);
  running.push(close);
  const url = `${hook}?key=k-1`;
  const more = events ? { events } : {};
  const unsubscribe = crisp.hooks.subscribe(
    secret === undefined
      ? { kind: 'website', url, ...more }
      : { kind: 'plugin', url, secret, ...more },
  );
  const { session_id: id } = crisp.visitorOpens({ nickname: 'Amara', email: 'a@example.com' });
  const client = new Crisp();
  client.setRestHost(origin);
  client.authenticateTier('website', 'site', 'key');
  return { crisp, received, id, unsubscribe, chat: client.website };
}

const contentsOf = (received: { body: any }[]): unknown[][] =>
  received.map(({ body }) => [body.event, body.data.type, body.data.content]).sort();

afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

describe('hooks', () => {
  it('carry a visitor’s message, with the key in the URL and no signature', async () => {
    const { crisp, received, id } = await setUp();
    const { fingerprint } = crisp.visitorWrites(id, 'Hey <there>');
    crisp.operatorWrites(id, 'Not told unless asked');
    await crisp.hooks.settled();
    expect(received).toHaveLength(1);
    const [{ path, headers, body }] = received as [(typeof received)[0]];
    expect(path).toBe('/hook?key=k-1');
    expect(headers).not.toHaveProperty('x-crisp-signature');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-crisp-request-timestamp': String(clock.now()),
      'x-delivery-attempt-count': '1',
      'x-delivery-attempt-limit': '3',
      'x-crisp-hook-origin': expect.stringContaining('website'),
    });
    expect(body).toEqual({
      website_id: websiteId,
      event: 'message:send',
      timestamp: clock.now(),
      data: {
        website_id: websiteId,
        session_id: id,
        inbox_id: null,
        type: 'text',
        from: 'user',
        origin: 'chat',
        content: 'Hey <there>',
        fingerprint,
        timestamp: clock.now(),
        stamped: true,
        automated: false,
        user: { user_id: id, nickname: 'Amara' },
      },
    });
  });

  it('of a plugin are signed as the official client verifies it', async () => {
    const { crisp, received, id } = await setUp([], { secret: 'sign' });
    crisp.visitorWrites(id, 'Grüße 👋');
    await crisp.hooks.settled();
    const [{ headers, raw, body }] = received as [(typeof received)[0]];
    const timestamp = headers['x-crisp-request-timestamp'] as string;
    const signature = headers['x-crisp-signature'] as string;
    const bytes = `[${timestamp};${raw}]`;
    expect(signature).toBe(createHmac('sha256', 'sign').update(bytes).digest('hex'));
    const client = new Crisp();
    client.setRtmMode('webhooks');
    let heard: unknown;
    await client.on('message:send', (data: unknown) => (heard = data));
    expect(client.verifyHook('sign', body, Number(timestamp), signature)).toBe(true);
    expect(client.verifyHook('other', body, Number(timestamp), signature)).toBe(false);
    expect(client.receiveHook(body)).toBeNull();
    await until(() => heard !== undefined);
    expect(heard).toMatchObject({ content: 'Grüße 👋', session_id: id });
  });

  it('carry operators’ messages, including notes and bots', async () => {
    const { crisp, received, id, chat } = await setUp([], { events: ['message:received'] });
    crisp.visitorWrites(id, 'Not told');
    crisp.operatorWrites(id, 'By hand');
    const usual = { from: 'operator', origin: 'chat', automated: true };
    const bot = { ...usual, type: 'text', content: 'By a bot' } as const;
    await chat.sendMessageInConversation(websiteId, id, bot);
    const note = { ...usual, type: 'note', content: 'Noted' } as const;
    await chat.sendMessageInConversation(websiteId, id, note);
    await crisp.hooks.settled();
    expect(contentsOf(received)).toEqual([
      ['message:received', 'note', 'Noted'],
      ['message:received', 'text', 'By a bot'],
      ['message:received', 'text', 'By hand'],
    ]);
    const automated = received.filter(({ body }) => body.data.automated);
    expect(automated).toHaveLength(2);
  });

  it('carry edits, choices, removals, states and session data', async () => {
    const { crisp, received, id, chat } = await setUp([], {
      events: [
        'message:updated',
        'message:removed',
        'session:set_state',
        'session:set_data',
        'session:set_email',
      ],
    });
    const choices = [{ value: 'a', label: 'A', selected: false }];
    const { fingerprint } = (await chat.sendMessageInConversation(websiteId, id, {
      type: 'picker',
      from: 'operator',
      origin: 'chat',
      content: { id: 'p', text: 'Which?', choices },
    })) as { fingerprint: number };
    await crisp.hooks.settled();
    const told = async (act: () => unknown) => {
      received.length = 0;
      await act();
      await crisp.hooks.settled();
      return received.map(({ body }) => body);
    };
    const picked = await told(() => crisp.visitorPicks(id, fingerprint, 'a'));
    expect(picked).toMatchObject([
      {
        event: 'message:updated',
        data: { fingerprint, content: { choices: [{ selected: true }] } },
      },
    ]);
    expect(Object.keys(picked[0]!.data)).not.toContain('type');
    const removed = await told(() => chat.removeMessageInConversation(websiteId, id, fingerprint));
    expect(removed).toMatchObject([{ event: 'message:removed', data: { fingerprint } }]);
    const closed = await told(() => chat.changeConversationState(websiteId, id, 'resolved'));
    expect(closed).toMatchObject([{ event: 'session:set_state', data: { state: 'resolved' } }]);
    const data = await told(() => crisp.setSessionData(id, { plan: 'pro' }));
    expect(data).toMatchObject([
      { event: 'session:set_data', data: { session_id: id, data: { plan: 'pro' } } },
    ]);
    const opened = await told(() => crisp.visitorOpens({ email: 'j@example.com' }));
    expect(opened).toMatchObject([
      { event: 'session:set_email', data: { email: 'j@example.com' } },
    ]);
  });

  it('are repeated after 5 s and 25 s until they are answered with 200', async () => {
    const { crisp, received, id } = await setUp([500, 204, 403], { secret: 'sign' });
    crisp.visitorWrites(id, 'Hey');
    await crisp.hooks.settled();
    for (const [count, ms] of [5_000, 25_000].entries()) {
      clock.advance(ms - 1);
      expect(received).toHaveLength(count + 1);
      clock.advance(1);
      await until(() => received.length === count + 2);
      await crisp.hooks.settled();
    }
    clock.advance(3_600_000);
    await crisp.hooks.settled();
    expect(received.map(({ headers }) => headers['x-delivery-attempt-count'])).toEqual([
      '1',
      '2',
      '3',
    ]);
    expect(new Set(received.map(({ raw }) => raw)).size).toBe(1);
    const signatures = received.map(({ headers }) => headers['x-crisp-signature']);
    expect(new Set(signatures).size).toBe(3);
    const { deliveries } = crisp.hooks;
    expect(deliveries.map(({ status, attempt }) => [status, attempt])).toEqual([
      [500, 1],
      [204, 2],
      [403, 3],
    ]);
    expect(new Set(deliveries.map(({ id: delivery }) => delivery)).size).toBe(1);
  });

  it('count as failed when there is no answer within 2 s', async () => {
    const { crisp, received, id } = await setUp([0]);
    crisp.visitorWrites(id, 'Hey');
    await until(() => received.length === 1);
    clock.advance(2_000);
    await crisp.hooks.settled();
    expect(crisp.hooks.deliveries).toMatchObject([{ status: 0, attempt: 1, ms: 2_000 }]);
  });

  it('can be delivered twice', async () => {
    const { crisp, received, id } = await setUp();
    crisp.visitorWrites(id, 'Hey');
    await crisp.hooks.settled();
    clock.advance(10);
    const again = await crisp.hooks.redeliver(crisp.hooks.deliveries[0]!.id);
    expect(again).toMatchObject({ attempt: 2, status: 200, event: 'message:send' });
    expect(received[1]!.raw).toBe(received[0]!.raw);
    expect(received[1]!.headers['x-delivery-attempt-count']).toBe('2');
    await expect(crisp.hooks.redeliver('unknown')).rejects.toThrow('No hook unknown');
  });

  it('are tried once, and leave no trace, where a subscriber listens now and then', async () => {
    const { crisp, received, id, unsubscribe } = await setUp();
    unsubscribe();
    const other = await receiver(404);
    running.push(other.close);
    crisp.hooks.subscribe({ kind: 'website', url: other.url, occasional: true });
    expect(crisp.hooks.subscribed()).toBe(false);
    crisp.visitorWrites(id, 'Hello?');
    await crisp.hooks.settled();
    clock.advance(60_000);
    await crisp.hooks.settled();
    expect(other.received).toHaveLength(1);
    expect([received, crisp.hooks.deliveries]).toEqual([[], []]);
  });

  it('end with the subscription, including retries', async () => {
    const { crisp, received, id, unsubscribe } = await setUp([500]);
    crisp.visitorWrites(id, 'Hey');
    await crisp.hooks.settled();
    unsubscribe();
    clock.advance(5_000);
    crisp.visitorWrites(id, 'Anybody?');
    await crisp.hooks.settled();
    expect(received).toHaveLength(1);
  });
});
