import { createHmac } from 'node:crypto';

import { createIntercomSimulator, type Subscription } from '../../../simulators/intercom';
import { manualClock, receiver, until } from './support';

const clock = manualClock();
const running: (() => unknown)[] = [];

async function setUp(statuses: number[] = [], options: Partial<Subscription> = {}) {
  const intercom = createIntercomSimulator({ accessToken: 'token', clock });
  running.push(() => intercom.close());
  const { url, received, close } = await receiver(...statuses);
  running.push(close);
  intercom.webhooks.subscribe({
    url,
    topics: ['conversation.user.created', 'conversation.user.replied'],
    clientSecret: 'secret',
    ...options,
  });
  const open = () =>
    intercom.visitorStarts({
      external_id: '70',
      email: 'amara@example.com',
      name: 'Amara',
      text: 'Hi <3',
    });
  return { intercom, received, open };
}

const hmac = (algorithm: string, raw: string): string =>
  `${algorithm}=${createHmac(algorithm, 'secret').update(raw).digest('hex')}`;

afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

describe('notifications', () => {
  it('are tried once, and leave no trace, where a subscriber listens now and then', async () => {
    const { intercom, received, open } = await setUp([404], { occasional: true });
    expect(intercom.webhooks.subscribed()).toBe(false);
    open();
    await intercom.webhooks.settled();
    clock.advance(60_000);
    await intercom.webhooks.settled();
    expect(received).toHaveLength(1);
    expect(intercom.webhooks.deliveries).toEqual([]);
  });

  it('carry a new conversation, signed over the raw body', async () => {
    const { intercom, received, open } = await setUp();
    const conversation = open();
    await intercom.webhooks.settled();
    expect(received).toHaveLength(1);
    const [{ headers, raw, body }] = received as [(typeof received)[0]];
    expect(headers['x-hub-signature']).toBe(hmac('sha1', raw));
    expect(headers).not.toHaveProperty('x-hub-signature-256');
    expect(body).toMatchObject({
      type: 'notification_event',
      app_id: 'nwboards',
      id: expect.stringMatching(/^notif_/),
      topic: 'conversation.user.created',
      created_at: Math.floor(clock.now() / 1_000),
      delivery_attempts: 1,
      data: {
        type: 'notification_event_data',
        item: {
          type: 'conversation',
          id: conversation.id,
          source: { body: '<p>Hi &lt;3</p>', author: { type: 'user', email: 'amara@example.com' } },
          contacts: { type: 'contact.list', contacts: [{ type: 'contact', external_id: '70' }] },
          conversation_parts: { conversation_parts: [], total_count: 0 },
        },
      },
    });
  });

  it('carry a reply with only its part', async () => {
    const { intercom, received, open } = await setUp();
    const { id } = open();
    intercom.visitorReplies(id, 'One');
    intercom.visitorReplies(id, 'Two');
    await intercom.webhooks.settled();
    const replies = received.filter(({ body }) => body.topic === 'conversation.user.replied');
    const bodies = replies.map(({ body }) =>
      body.data.item.conversation_parts.conversation_parts.map((part: any) => part.body),
    );
    expect(bodies.sort()).toEqual([['<p>One</p>'], ['<p>Two</p>']]);
    expect(received).toHaveLength(3);
  });

  it.each([
    ['sha256', ['x-hub-signature-256']],
    ['both', ['x-hub-signature', 'x-hub-signature-256']],
  ] as const)('are signed with %s when asked', async (algorithms, names) => {
    const { intercom, received, open } = await setUp([], { algorithms });
    open();
    await intercom.webhooks.settled();
    const { headers, raw } = received[0]!;
    const signatures = Object.keys(headers).filter((name) => name.startsWith('x-hub'));
    expect(signatures.sort()).toEqual([...names]);
    expect(headers['x-hub-signature-256']).toBe(hmac('sha256', raw));
  });

  it('carry plain text for newer API versions', async () => {
    const { intercom, received, open } = await setUp([], { version: '2.15' });
    open();
    await intercom.webhooks.settled();
    expect(received[0]!.body.data.item.source.body).toBe('Hi <3');
  });

  it('are repeated once after a minute when they are not accepted', async () => {
    const { intercom, received, open } = await setUp([500, 503]);
    open();
    await intercom.webhooks.settled();
    clock.advance(59_999);
    expect(received).toHaveLength(1);
    clock.advance(1);
    await until(() => received.length === 2);
    await intercom.webhooks.settled();
    expect(received[1]!.body.id).toBe(received[0]!.body.id);
    expect(received[1]!.body.delivery_attempts).toBe(2);
    expect(received[1]!.headers['x-hub-signature']).toBe(hmac('sha1', received[1]!.raw));
    clock.advance(600_000);
    await intercom.webhooks.settled();
    expect(received).toHaveLength(2);
  });

  it('count as failed when there is no answer within 5 s', async () => {
    const { intercom, received, open } = await setUp([0]);
    open();
    await until(() => received.length === 1);
    clock.advance(5_000);
    await intercom.webhooks.settled();
    expect(intercom.webhooks.deliveries).toMatchObject([{ status: 0, attempt: 1 }]);
    clock.advance(60_000);
    await until(() => received.length === 2);
  });

  it('stop after 410', async () => {
    const { intercom, received, open } = await setUp([410]);
    open();
    await intercom.webhooks.settled();
    open();
    clock.advance(60_000);
    await intercom.webhooks.settled();
    expect(received).toHaveLength(1);
  });

  it('arrive late, twice, out of order, or never', async () => {
    const { intercom, received, open } = await setUp();
    const arrivals: number[][] = [[30_000], [0, 5_000], []];
    intercom.webhooks.setArrivals(() => arrivals.shift()!);
    const late = open().id;
    const twice = open().id;
    open();
    const ids = async () => {
      await intercom.webhooks.settled();
      return received.map(({ body }) => body.data.item.id);
    };
    expect(await ids()).toEqual([twice]);
    clock.advance(5_000);
    expect(await ids()).toEqual([twice, twice]);
    clock.advance(25_000);
    expect(await ids()).toEqual([twice, twice, late]);
    expect(received.map(({ body }) => body.delivery_attempts)).toEqual([1, 2, 1]);
  });

  it('can be delivered twice', async () => {
    const { intercom, received, open } = await setUp();
    open();
    await intercom.webhooks.settled();
    await intercom.webhooks.redeliver(received[0]!.body.id);
    expect(received.map(({ body }) => [body.id, body.delivery_attempts])).toEqual([
      [received[0]!.body.id, 1],
      [received[0]!.body.id, 2],
    ]);
  });

  it('include pings and HEAD checks', async () => {
    const { intercom, received } = await setUp();
    expect(await intercom.webhooks.ping()).toMatchObject([{ topic: 'ping', status: 200 }]);
    expect(await intercom.webhooks.head()).toEqual([200]);
    expect(received.map(({ method }) => method)).toEqual(['POST', 'HEAD']);
    expect(received[0]!.headers['x-hub-signature']).toBe(hmac('sha1', received[0]!.raw));
  });
});
