import { connect } from 'node:net';

import {
  type ActionsFrame,
  createConnectorSimulator,
  createCrowd,
  createVisitor,
  hostileSite,
  site,
} from '../../../simulators/connector';
import { createRandom } from '../../../simulators/random';
import { collect, manualClock, until } from './support';

const products = { board: { token: 'uk_live_demo' }, open: { token: '' } };
const authorization = { Authorization: 'Bearer uk_live_demo' };
const clock = manualClock();
const running: { close(): Promise<void> }[] = [];

async function start(options: Partial<Parameters<typeof createConnectorSimulator>[0]> = {}) {
  const connector = createConnectorSimulator({ products, clock, ...options });
  running.push(connector);
  const { url, port } = await connector.listen();
  const subscribe = async (path = '/stream/board') => {
    const response = await fetch(url + path, { headers: authorization });
    return { response, received: collect(response) };
  };
  return { connector, url, port, subscribe };
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

describe('the stream', () => {
  it('sends any JSON value as an unnamed frame to every subscriber', async () => {
    const { connector, subscribe } = await start();
    const [one, two] = [await subscribe(), await subscribe()];
    connector.send('board', { type: 'actions', title: '<b>Sign & go</b> 👋' });
    connector.send('board', null);
    const expected = 'data: {"type":"actions","title":"<b>Sign & go</b> 👋"}\n\ndata: null\n\n';
    await until(() => one.received.text === expected && two.received.text === expected);
    expect(one.response.headers.get('content-type')).toContain('text/event-stream');
    expect(connector.stats('board')).toEqual({ subscribers: 2, sent: 4, dropped: 0 });
  });

  it('sends heartbeats', async () => {
    const { subscribe } = await start({ heartbeatMs: 30_000 });
    const { received } = await subscribe();
    clock.advance(60_000);
    await until(() => received.text === 'event: heartbeat\ndata: \n\n'.repeat(2));
  });

  it('refuses a wrong token with 401 and an unknown product with 404', async () => {
    const { url } = await start();
    const status = async (path: string, headers = {}) =>
      (await fetch(url + path, { headers })).status;
    expect(await status('/stream/board')).toBe(401);
    expect(await status('/stream/board', { Authorization: 'Bearer other' })).toBe(401);
    expect(await status('/stream/nothing', authorization)).toBe(404);
    expect(await status('/elsewhere', authorization)).toBe(404);
  });

  it('needs no token for a product without one', async () => {
    const { connector, subscribe } = await start();
    await subscribe('/stream/open');
    expect(connector.stats('open').subscribers).toBe(1);
  });

  it('queues 256 frames for a slow client, and drops and counts the others', async () => {
    const { connector, port } = await start();
    const slow = connect(port, '127.0.0.1').pause();
    slow.write(
      `GET /stream/board HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer uk_live_demo\r\n\r\n`,
    );
    await until(() => connector.stats('board').subscribers === 1);
    const frame = { type: 'actions', filling: 'x'.repeat(100_000) };
    const offered = 1_000;
    for (let count = 0; count < offered; count += 1) {
      connector.send('board', frame);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { sent, dropped } = connector.stats('board');
    expect(dropped).toBeGreaterThan(0);
    expect(sent + 256 + dropped).toBe(offered);

    slow.resume();
    await until(() => connector.stats('board').sent === offered - dropped);
    slow.destroy();
  });

  it('names the port and its variable when the port is taken', async () => {
    const { port } = await start();
    const second = createConnectorSimulator({ products });
    await expect(second.listen(port)).rejects.toThrow(
      `Autoplay connector: port ${port} on 127.0.0.1 is already in use. Set CONNECTOR_PORT to a free port.`,
    );
  });
});

describe('visitors', () => {
  const person = { id: '70', name: 'Amara', email: 'amara@example.com' };
  const visitorFrom = (seed: number) =>
    createVisitor({
      person,
      sessionId: 'session-1',
      productId: 'board',
      random: createRandom(seed),
      now: () => clock.now(),
    });

  it('act in batches of the wire format', () => {
    const frame = visitorFrom(7).next(3);
    expect(frame).toMatchObject({
      type: 'actions',
      product_id: 'board',
      session_id: 'session-1',
      user_id: '70',
      email: 'amara@example.com',
      count: 3,
    });
    expect(frame).not.toHaveProperty('conversation_id');
    expect(frame.actions.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(frame.actions[0]!.type).toBe('pageview');
    expect(frame.forwarded_at).toBe(clock.now() / 1_000);
  });

  it('act in order of time, never in the future, and never twice in the same batch time', () => {
    const visitor = visitorFrom(8);
    const frames: ActionsFrame[] = [];
    for (let count = 0; count < 50; count += 1) {
      clock.advance(3_000);
      frames.push(visitor.next());
      expect(frames.at(-1)!.actions.at(-1)!.timestamp_end * 1_000).toBeLessThanOrEqual(clock.now());
    }
    const starts = frames.flatMap(({ actions }) => actions.map((action) => action.timestamp_start));
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(new Set(frames.map((frame) => frame.forwarded_at)).size).toBe(50);
  });

  it('have real ids and query strings in their raw address only', () => {
    const visitor = visitorFrom(9);
    const actions = Array.from({ length: 200 }, () => visitor.next()).flatMap(
      (frame) => frame.actions,
    );
    expect(actions.some(({ raw_url }) => /\?utm_source=/.test(raw_url))).toBe(true);
    expect(actions.some(({ raw_url }) => /\?token=/.test(raw_url))).toBe(true);
    const board = actions.find(({ canonical_url }) => canonical_url.endsWith('/boards/:id'))!;
    expect(board.raw_url).toMatch(/\/boards\/\d{4}$/);
    expect(actions.some(({ canonical_url }) => canonical_url.includes('?'))).toBe(false);
  });

  it('follow a script exactly', () => {
    const steps = [
      { visit: 'pricing' },
      { type: 'click', label: 'Sign up', kind: 'button' },
    ] as const;
    expect(
      visitorFrom(3)
        .script(steps)
        .actions.map(({ description }) => description),
    ).toEqual(['User viewed the pricing page', 'User clicked Sign up button on the pricing page']);
  });
});

describe('a crowd', () => {
  const people = ['70', '71', '72'].map((id) => ({ id, name: id }));
  const startCrowd = () => {
    const sent: ActionsFrame[] = [];
    const connector = {
      send: (_: string, frame: unknown) => void sent.push(frame as ActionsFrame),
    };
    const random = createRandom(5);
    const crowd = createCrowd({ connector, productId: 'board', people, clock, random });
    return { crowd, sent };
  };

  it('acts in bursts with pauses, at a human pace', () => {
    const { crowd, sent } = startCrowd();
    crowd.start();
    clock.advance(60_000);
    crowd.stop();
    expect(sent.length).toBeGreaterThan(6);
    // Three people, each at most every four seconds.
    expect(sent.length).toBeLessThanOrEqual(45);
    expect(sent.every(({ count }) => count >= 1 && count <= 3)).toBe(true);
  });

  it('leaves and comes back', () => {
    const { crowd, sent } = startCrowd();
    const seen: string[] = [];
    crowd.onPresence((id) => void seen.push(`${id} ${crowd.isHere(id) ? 'comes' : 'leaves'}`));
    crowd.start();
    clock.advance(60 * 60_000);
    crowd.stop();
    for (const id of ['70', '71', '72']) {
      expect(seen).toContain(`${id} leaves`);
      expect(seen).toContain(`${id} comes`);
    }
    // A visitor who is away does nothing, so no visitor acts all the time.
    expect(sent.length / 3).toBeLessThan(300);
  });

  it('does what its user wants although it had left, and is then on the site again', () => {
    const { crowd, sent } = startCrowd();
    crowd.start();
    while (crowd.isHere('70')) clock.advance(1_000);
    crowd.act('70', [{ visit: 'billing' }]);
    expect(crowd.isHere('70')).toBe(true);
    const count = sent.length;
    clock.advance(60_000);
    crowd.stop();
    expect(sent.slice(count).some(({ user_id }) => user_id === '70')).toBe(true);
  });

  it('is in the same session after minutes, and in another after half an hour', () => {
    const { crowd } = startCrowd();
    const session = () => crowd.act('70', { count: 1 }).session_id;
    const first = session();
    clock.advance(29 * 60_000);
    expect(session()).toBe(first);
    clock.advance(30 * 60_000);
    expect(session()).not.toBe(first);
    expect(crowd.sessions()['70']).toBe(session());
  });

  it('is plausible by default; hostile labels are on a site of their own', () => {
    const labels = (given: typeof site) => JSON.stringify(given);
    expect(labels(site)).not.toMatch(/[<>]|[^\u0000-\u024f’…›·|]/u);
    expect(labels(hostileSite)).toContain('<b>Sign & go</b>');
    expect(labels(hostileSite)).toContain('Пригласить');
  });

  it('does not act for inactive persons, except on request', () => {
    const { crowd, sent } = startCrowd();
    crowd.setActive('70', false);
    crowd.start();
    clock.advance(20_000);
    crowd.stop();
    expect(sent).not.toEqual([]);
    expect(sent.some(({ user_id }) => user_id === '70')).toBe(false);
    expect(crowd.act('70', [{ visit: 'billing' }]).actions[0]!.description).toContain('billing');
    expect(sent.at(-1)!.session_id).toBe(crowd.visitor('70').sessionId);
  });
});

describe('live activity', () => {
  const frame = (user_id: string | null, titles: string[]) => ({
    ...{ type: 'actions', session_id: 's', user_id },
    actions: titles.map((title) => ({ title })),
  });
  const titlesIn = async (response: Response) => {
    const { actions } = (await response.json()) as { actions: Array<{ title: string }> };
    return actions.map(({ title }) => title);
  };

  it("has each user's last 50 actions of a day, oldest first, whether or not anybody listens", async () => {
    const { connector, url } = await start();
    const ask = (path: string) => fetch(`${url}/users/board/${path}`, { headers: authorization });
    connector.send('board', frame('u 1', ['A', 'B']));
    connector.send('board', frame(null, ['X']));
    connector.send('board', null);
    const whole = (await (await ask('u%201/live-activity')).json()) as object;
    expect(whole).toMatchObject({ product_id: 'board', user_id: 'u 1', count: 2 });
    expect(await titlesIn(await ask('u%201/live-activity?limit=1'))).toEqual(['B']);
    expect(await titlesIn(await ask('u2/live-activity'))).toEqual([]);
    connector.send(
      'board',
      frame(
        'u 1',
        Array.from({ length: 60 }, (_, i) => `${i}`),
      ),
    );
    expect(await titlesIn(await ask('u%201/live-activity'))).toHaveLength(50);
    clock.advance(86_400_000);
    expect(await titlesIn(await ask('u%201/live-activity'))).toEqual([]);
    expect(connector.activity.requests()[0]).toMatchObject({ productId: 'board', userId: 'u 1' });
  });

  it('refuses what the connector refuses, and what a test wants refused', async () => {
    const { connector, url } = await start();
    const status = async (path: string, headers = {}) =>
      (await fetch(`${url}/users/${path}/live-activity`, { headers })).status;
    expect(await status('board/u')).toBe(401);
    expect(await status('nothing/u', authorization)).toBe(404);
    connector.activity.behave({ mode: 'status', status: 429, retryAfter: 3 });
    expect(await status('board/u', authorization)).toBe(429);
    connector.activity.behave({ mode: 'normal' });
    expect(await status('board/u', authorization)).toBe(200);
  });
});
