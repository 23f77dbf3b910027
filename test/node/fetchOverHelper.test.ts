import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fetchOverHelper, type HelperFunction } from '../../core/http/fetchOverHelper';
import '../support/n8nCore';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let handle: Handler;
let url: string;
let helper: HelperFunction;
const server = createServer((request, response) => handle(request, response));

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // The very helper that nodes are given.
  const { ExecuteContext, TriggerContext } = await import('n8n-core');
  expect(ExecuteContext).toBeDefined();
  const context = new TriggerContext({} as never, {} as never, {} as never, 'trigger', 'activate');
  helper = context.helpers.httpRequest as HelperFunction;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function answer(status: number, headers: Record<string, string | string[]>, body = ''): void {
  handle = (_request, response) => response.writeHead(status, headers).end(body);
}

describe('a response', () => {
  it('is a real one, with status, headers and body', async () => {
    answer(201, { 'content-type': 'application/json', 'x-request-id': 'r1' }, '{"a":"ü"}');
    const response = await fetchOverHelper(helper)(url);
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.ok]).toEqual([201, true]);
    expect(response.headers.get('x-request-id')).toBe('r1');
    expect(await response.json()).toEqual({ a: 'ü' });
  });

  it.each([400, 404, 429, 500, 503])('of status %i is given and not thrown', async (status) => {
    answer(status, { 'retry-after': '7' }, 'why');
    const response = await fetchOverHelper(helper)(url);
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, '7']);
    expect(await response.text()).toBe('why');
  });

  it.each([204, 304])('of status %i has no body', async (status) => {
    answer(status, {});
    const response = await fetchOverHelper(helper)(url);
    expect([response.status, response.body]).toEqual([status, null]);
  });

  it('keeps headers that come more than once', async () => {
    answer(200, { 'set-cookie': ['a=1', 'b=2'] });
    const { headers } = await fetchOverHelper(helper)(url);
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('can be read while it still comes', async () => {
    let response!: ServerResponse;
    handle = (_request, opened) => {
      response = opened;
      opened.writeHead(200, { 'content-type': 'text/event-stream' });
      opened.write('first');
    };
    const reader = (await fetchOverHelper(helper)(url)).body!.getReader();
    expect(Buffer.from((await reader.read()).value).toString()).toBe('first');
    response.write('second');
    expect(Buffer.from((await reader.read()).value).toString()).toBe('second');
    response.end();
    expect(await reader.read()).toMatchObject({ done: true });
  });

  it('that breaks off fails its reader with the code', async () => {
    handle = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      response.socket?.destroySoon();
    };
    const response = await fetchOverHelper(helper)(url);
    await expect(response.text()).rejects.toMatchObject({ code: expect.any(String) });
  });
});

describe('a request', () => {
  async function sent(input: string | URL | Request, init?: RequestInit) {
    let seen!: { method?: string; headers: IncomingMessage['headers']; body: string };
    handle = (request, response) => {
      void text(request).then((body) => {
        seen = {
          ...(request.method && { method: request.method }),
          headers: request.headers,
          body,
        };
        response.end();
      });
    };
    await (await fetchOverHelper(helper)(input, init)).text();
    return seen;
  }

  it('asks for an answer that is not compressed', async () => {
    expect((await sent(url)).headers).toMatchObject({ 'accept-encoding': 'identity' });
  });

  it.each([
    ['as it is', '{"b": 1,\n "a":[ 1.0, "é👋" ]}'],
    ['even if it looks like a number', '12345678901234567890'],
  ])('carries a JSON body %s', async (_how, body) => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer key' };
    const seen = await sent(new URL(url), { method: 'POST', headers, body });
    expect(seen).toMatchObject({ method: 'POST', headers, body });
  });

  it('can be a Request', async () => {
    const request = new Request(url, { method: 'PUT', body: 'text' });
    expect(await sent(request)).toMatchObject({ method: 'PUT', body: 'text' });
  });
});

describe('redirects', () => {
  it('are given as they are when asked for', async () => {
    answer(307, { location: '/elsewhere' });
    const response = await fetchOverHelper(helper)(url, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([307, '/elsewhere']);
  });

  it('to another origin are followed without the credentials', async () => {
    const other = createServer((request, response) => {
      response.end(String(request.headers.authorization));
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const { port } = other.address() as AddressInfo;
      answer(302, { location: `http://127.0.0.1:${port}/` });
      const headers = { Authorization: 'Bearer key' };
      const response = await fetchOverHelper(helper)(url, { headers });
      expect(await response.text()).toBe('undefined');
    } finally {
      other.close();
    }
  });
});

describe('no response', () => {
  it('is a TypeError with the code of the system, and without the request in it', async () => {
    const headers = { authorization: 'Bearer secret' };
    const error = await fetchOverHelper(helper)('http://127.0.0.1:1', { headers }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    const { inspect } = await import('node:util');
    expect(inspect(error, { depth: 10 })).not.toContain('secret');
  });

  it('within the time allowed is an error', async () => {
    handle = () => {};
    const fetch = fetchOverHelper(helper, { timeoutMs: 20 });
    await expect(fetch(url)).rejects.toMatchObject({ code: 'ECONNABORTED' });
  });
});

describe('aborting', () => {
  it('before the start sends nothing', async () => {
    handle = () => {
      throw new Error('was sent');
    };
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(fetchOverHelper(helper)(url, { signal })).rejects.toThrow('enough');
  });

  it('before the helper was asked needs no helper that heeds it', async () => {
    const asked = jest.fn(() => new Promise(() => {}));
    const stop = new AbortController();
    const response = fetchOverHelper(asked)(url, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(response).rejects.toThrow('enough');
    expect(asked).not.toHaveBeenCalled();
  });

  it('while waiting for the answer ends at once and closes the connection', async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<ServerResponse>();
    handle = (_request, response) => resolve(response);
    const stop = new AbortController();
    const response = fetchOverHelper(helper)(url, { signal: stop.signal });
    response.catch(() => {});
    const closed = once(await arrived, 'close');
    stop.abort();
    await expect(response).rejects.toMatchObject({ name: 'AbortError' });
    await closed;
  });

  it('during the body fails its reader with the reason and closes the connection', async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<ServerResponse>();
    handle = (_request, response) => {
      response.writeHead(200);
      response.write('first');
      resolve(response);
    };
    const stop = new AbortController();
    const { body } = await fetchOverHelper(helper)(url, { signal: stop.signal });
    const reader = body!.getReader();
    await reader.read();
    const closed = once(await arrived, 'close');
    const rest = reader.read();
    stop.abort();
    await expect(rest).rejects.toMatchObject({ name: 'AbortError' });
    await closed;
  });

  it('needs nobody who reads', async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<ServerResponse>();
    handle = (_request, response) => {
      response.writeHead(200).flushHeaders();
      resolve(response);
    };
    const stop = new AbortController();
    await fetchOverHelper(helper)(url, { signal: stop.signal });
    const closed = once(await arrived, 'close');
    stop.abort();
    await closed;
  });

  it('is not needed: a cancelled body closes the connection too', async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<ServerResponse>();
    handle = (_request, response) => {
      response.writeHead(200).flushHeaders();
      resolve(response);
    };
    const response = await fetchOverHelper(helper)(url);
    const closed = once(await arrived, 'close');
    await response.body?.cancel();
    await closed;
  });
});
