import { createConnectorSimulator, pushHeaders } from '../../../simulators/connector';
import { manualClock, receiver, until } from './support';

const running: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

async function start(...statuses: number[]) {
  const { url: hook, received, close } = await receiver(...statuses);
  running.push({ close });
  const clock = manualClock();
  const connector = createConnectorSimulator({ products: { board: { token: '' } }, clock });
  running.push(connector);
  const { url } = await connector.listen();
  connector.push('board', { secret: 'shared', url: hook });
  return { clock, connector, url, received, pusher: connector.pushed('board')! };
}

describe('push mode', () => {
  it('delivers each frame with bearer token and signature', async () => {
    const { connector, pusher, received } = await start();
    connector.send('board', { type: 'actions', title: 'Ä' });
    await until(() => pusher.stats().delivered === 1);
    const { headers, raw } = received[0]!;
    expect(raw).toBe('{"type":"actions","title":"Ä"}');
    expect(headers.authorization).toBe('Bearer shared');
    expect(headers['x-connector-signature']).toBe(
      pushHeaders(raw, 'shared')['X-Connector-Signature'],
    );
    expect(pusher.stats()).toEqual({ delivered: 1, retried: 0, dropped: 0, pending: 0 });
  });

  it('repeats a frame without an acknowledgement after 2 s, 4 s, …', async () => {
    const { clock, connector, pusher, received } = await start(503, 302, 200);
    connector.send('board', { n: 1 });
    await until(() => pusher.attempts.length === 1);
    clock.advance(1_999);
    expect(pusher.stats()).toEqual({ delivered: 0, retried: 0, dropped: 0, pending: 1 });
    clock.advance(1);
    await until(() => pusher.attempts.length === 2);
    clock.advance(3_999);
    expect(pusher.stats().retried).toBe(1);
    clock.advance(1);
    await until(() => pusher.stats().delivered === 1);
    expect(received.map(({ raw }) => raw)).toEqual(Array(3).fill('{"n":1}'));
    expect(pusher.attempts.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 503],
      [2, 302],
      [3, 200],
    ]);
  });

  it('gives up after six attempts, and delivers later frames meanwhile', async () => {
    const { clock, connector, pusher } = await start(503, 200, 503, 503, 503, 503, 503);
    connector.send('board', { n: 1 });
    await until(() => pusher.attempts.length === 1);
    connector.send('board', { n: 2 });
    await until(() => pusher.stats().delivered === 1);
    for (let attempt = 2; attempt <= 6; attempt += 1) {
      clock.advance(2_000 * 2 ** (attempt - 2));
      await until(() => pusher.attempts.length === attempt + 1);
    }
    expect(pusher.stats()).toEqual({ delivered: 1, retried: 5, dropped: 1, pending: 0 });
    clock.advance(600_000);
    expect(pusher.attempts).toHaveLength(7);
  });

  it('refuses streams with 400 until the product is set back', async () => {
    const { connector, url, received } = await start();
    expect((await fetch(`${url}/stream/board`)).status).toBe(400);
    connector.push('board', null);
    connector.send('board', { n: 1 });
    const stream = await fetch(`${url}/stream/board`);
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
    expect(received).toEqual([]);
  });
});
