import type { ServerResponse } from 'node:http';

import { sendJson } from '../http/messages';

/**
 * How the connector treats its clients:
 * - `normal`: as documented;
 * - `status`: answers every request with this status and a JSON error;
 * - `html`: answers 200 with a web page, as a proxy or a wrong address would;
 * - `silent`: accepts and sends headers, then nothing, not even heartbeats; open streams fall silent
 *   as well.
 */
export type ConnectorBehaviour =
  { mode: 'normal' | 'html' | 'silent' } | { mode: 'status'; status: number; retryAfter?: number };

const PAGE =
  '<!doctype html><html><head><title>Welcome</title></head><body><h1>Nothing streams here</h1></body></html>';

/** Sends the head of a stream. */
export function openStream(response: ServerResponse): void {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-cache',
    Connection: 'keep-alive',
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
}

/**
 * Treats an accepted request as the behaviour says.
 *
 * @param stream opens the stream; a `silent` one carries nothing
 */
export function play(
  behaviour: ConnectorBehaviour,
  response: ServerResponse,
  stream: (options: { silent: boolean }) => void,
): void {
  switch (behaviour.mode) {
    case 'normal':
      return stream({ silent: false });
    case 'silent':
      return stream({ silent: true });
    case 'html':
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
      return void response.end(PAGE);
    case 'status': {
      const wait = behaviour.retryAfter;
      const headers = wait === undefined ? {} : { 'Retry-After': String(wait) };
      return sendJson(response, behaviour.status, { detail: 'Selected by behave()' }, headers);
    }
  }
}
