import { createServer, type RequestListener } from 'node:http';
import { hideSecrets } from '../../../core/http/secrets';
import { sendOverFetch } from '../../../core/http/sendOverFetch';
import { closeServer, listenOn } from '../../../simulators/http/listen';
import { createFakeClock } from '../../support/fakeClock';
import { until } from '../../support/until';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(closeServer));
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  const place = { service: 'Test', variable: 'PORT', host: '127.0.0.1', port: 0 };
  return (await listenOn(server, place)).url;
}

const clock = createFakeClock();
const send = sendOverFetch(fetch, {
  authentication: { Authorization: 'Bearer s3cret' },
  timeoutMs: 15_000,
  clock,
  hide: hideSecrets(['s3cret']),
});

it('sends the token and the body, and reads JSON', async () => {
  const seen: unknown[] = [];
  const url = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const { method, headers } = request;
      seen.push([method, headers.authorization, headers['content-type'], headers.a, body]);
      response.writeHead(201, { 'Content-Type': 'application/json', 'X-Left': '7' });
      response.end('{"id":1}');
    });
  });
  const answer = await send({ method: 'POST', url, headers: { a: 'b' }, body: { x: 'é' } });
  expect(answer).toMatchObject({ status: 201, headers: { 'x-left': '7' }, body: { id: 1 } });
  expect(seen).toEqual([['POST', 'Bearer s3cret', 'application/json', 'b', '{"x":"é"}']]);
  expect(clock.timers()).toBe(0);
});

it.each([
  ['text/html', '<p>Sign in</p>'],
  ['application/json', '{"broken":'],
  ['application/json', ''],
])('gives what is no JSON as text: %s %j', async (type, text) => {
  const url = await serve((_, response) => {
    response.writeHead(200, { 'Content-Type': type }).end(text);
  });
  expect(await send({ method: 'GET', url })).toMatchObject({ status: 200, body: text });
});

it('does not follow a redirect, because the token would go along', async () => {
  let followed = 0;
  const url = await serve((request, response) => {
    if (request.url === '/') response.writeHead(302, { Location: '/next' }).end();
    else response.end(String((followed += 1)));
  });
  const { status, headers } = await send({ method: 'GET', url });
  expect([status, headers.location, followed]).toEqual([302, '/next', 0]);
});

it.each(['no answer', 'an answer without an end'])('gives up after the time: %s', async (what) => {
  let asked = 0;
  const url = await serve((_, response) => {
    asked += 1;
    if (what !== 'no answer') response.writeHead(200).write('{');
  });
  const failed = expect(send({ method: 'GET', url })).rejects.toThrow('no answer within 15 s');
  await until(() => asked === 1);
  await clock.advance(15_000);
  await failed;
});

it('an error has the system’s code and no secret', async () => {
  const url = await serve(() => undefined);
  await Promise.all(servers.splice(0).map(closeServer));
  await expect(send({ method: 'GET', url })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  const failing = sendOverFetch(() => Promise.reject(new TypeError('bad s3cret here')), {
    ...{ authentication: {}, timeoutMs: 1, clock, hide: hideSecrets(['s3cret']) },
  });
  await expect(failing({ method: 'GET', url })).rejects.toThrow('bad [hidden] here');
});
