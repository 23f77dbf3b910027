import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createConnectorSimulator, pushHeaders } from '../../../simulators/connector';
import { manualClock, until } from './support';

const running: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

/** Somebody who is pushed to, and answers with these statuses, the last of them from then on. */
async function receiver(...statuses: number[]) {
  const received: { headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.statusCode = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push(server);
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

async function start(target: { url: string; copies?: number }) {
  const clock = manualClock();
  const connector = createConnectorSimulator({ products: { board: { token: '' } }, clock });
  running.push(connector);
  const { url } = await connector.listen();
  connector.push('board', { secret: 'shared', ...target });
  return { clock, connector, url, pusher: connector.pushed('board')! };
}

describe('push mode', () => {
  it('delivers each frame with bearer token and signature', async () => {
    const { received, url } = await receiver();
    const { connector, pusher } = await start({ url });
    connector.send('board', { type: 'actions', title: 'Ä' });
    await until(() => pusher.stats().delivered === 1);
    const [{ headers, body }] = received as [(typeof received)[0]];
    expect(body).toBe('{"type":"actions","title":"Ä"}');
    expect(headers.authorization).toBe('Bearer shared');
    expect(headers['x-connector-signature']).toBe(
      pushHeaders(body, 'shared')['X-Connector-Signature'],
    );
    expect(pusher.stats()).toEqual({ delivered: 1, retried: 0, dropped: 0, pending: 0 });
  });

  it('repeats what is not acknowledged, after 2 s, 4 s, …', async () => {
    const { received, url } = await receiver(503, 302, 200);
    const { clock, connector, pusher } = await start({ url });
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
    expect(received.map(({ body }) => body)).toEqual(Array(3).fill('{"n":1}'));
    expect(pusher.attempts.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 503],
      [2, 302],
      [3, 200],
    ]);
  });

  it('gives up in the end, and lets later frames pass meanwhile', async () => {
    const { url } = await receiver(503, 200, 503);
    const { clock, connector, pusher } = await start({ url });
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

  it('delivers more than once where it is told to', async () => {
    const { received, url } = await receiver();
    const { connector, pusher } = await start({ url, copies: 2 });
    connector.send('board', { n: 1 });
    await until(() => pusher.stats().delivered === 2);
    pusher.repeat(pusher.attempts[0]!.body);
    await until(() => pusher.stats().delivered === 3);
    expect(received.map(({ body }) => body)).toEqual(Array(3).fill('{"n":1}'));
  });

  it('refuses streams with 400 until it is set back', async () => {
    const { url: hook, received } = await receiver();
    const { connector, url } = await start({ url: hook });
    expect((await fetch(`${url}/stream/board`)).status).toBe(400);
    connector.push('board', null);
    connector.send('board', { n: 1 });
    const stream = await fetch(`${url}/stream/board`);
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
    expect(received).toEqual([]);
  });
});
