import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that reached the server, to be answered by the test. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** Answers with an open stream. */
  open(headers?: Record<string, string>): void;
  /** Sends a frame; `\n\n` is added. */
  frame(text: string): void;
  /** Answers with a status and nothing else. */
  refuse(status: number, headers?: Record<string, string>): void;
  /** Resolves when the client is gone. */
  closed: Promise<void>;
}

export interface SseServer {
  url: string;
  /** The next request, already here or to come. */
  next(): Promise<Exchange>;
  /** How many requests have come. */
  count(): number;
  close(): Promise<void>;
}

/** A real HTTP server whose every answer is the test's decision. */
export async function createSseServer(): Promise<SseServer> {
  const arrived: Exchange[] = [];
  const wanted: ((exchange: Exchange) => void)[] = [];
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    const exchange: Exchange = {
      request,
      response,
      open(headers = {}) {
        response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
        response.flushHeaders();
      },
      frame: (text) => void response.write(`${text}\n\n`),
      refuse(status, headers = {}) {
        response.writeHead(status, headers).end();
      },
      closed: once(response, 'close').then(() => {}),
    };
    const waiting = wanted.shift();
    if (waiting) waiting(exchange);
    else arrived.push(exchange);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: () => {
      const here = arrived.shift();
      return here ? Promise.resolve(here) : new Promise((resolve) => wanted.push(resolve));
    },
    count: () => count,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
