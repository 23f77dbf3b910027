import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSession, RestError } from '../../../tools/n8n/http';

async function withAnswers(answers: Array<[number, object]>) {
  const asked: string[] = [];
  const server = createServer(({ method, url }, response) => {
    asked.push(`${method} ${url}`);
    const [status, json] = answers[Math.min(asked.length, answers.length) - 1]!;
    response.writeHead(status).end(JSON.stringify(json));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const request = createSession(`http://127.0.0.1:${port}`, 0);
  return { asked, request, [Symbol.dispose]: () => void server.close() };
}

const notReady: [number, object] = [503, { message: 'Database is not ready!' }];

it('what n8n cannot take in while it waits for its database is sent again', async () => {
  using n8n = await withAnswers([notReady, notReady, [200, { data: 'taken' }]]);
  expect(await n8n.request('POST', '/rest/workflows', {})).toBe('taken');
  expect(n8n.asked).toHaveLength(3);
});

it('any other refusal is final', async () => {
  using n8n = await withAnswers([[503, { message: 'In maintenance' }]]);
  await expect(n8n.request('GET', '/rest/workflows')).rejects.toThrow(RestError);
  expect(n8n.asked).toHaveLength(1);
});
