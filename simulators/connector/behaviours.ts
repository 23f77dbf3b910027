import type { ServerResponse } from 'node:http';

import type { Clock } from '../../core/clock';
import { sendJson } from '../http/messages';

/**
 * How the connector treats its clients:
 * - `normal`: as documented;
 * - `status`: answers every request with this status and a JSON error;
 * - `html`: answers 200 with a web page, as a proxy or a wrong address would;
 * - `silent`: accepts and sends headers, then nothing ever again, not even heartbeats; streams that
 *   are open already fall silent too;
 * - `slow-headers`: lets `delayMs` pass before the headers, then streams normally;
 * - `drop`: cuts every connection, open or new, without an answer.
 */
export type ConnectorBehaviour =
  | { mode: 'normal' | 'html' | 'silent' | 'drop' }
  | { mode: 'status'; status: number; retryAfter?: number }
  | { mode: 'slow-headers'; delayMs: number };

const PAGE =
  '<!doctype html><html><head><title>Welcome</title></head><body><h1>Nothing streams here</h1></body></html>';

/** Sends what a stream starts with. */
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
 * Plays a behaviour on a request that was accepted.
 *
 * @param stream opens the stream and subscribes; `silent` leaves out the subscription's traffic
 */
export function play(
  behaviour: ConnectorBehaviour,
  response: ServerResponse,
  clock: Clock,
  stream: (options: { silent: boolean }) => void,
): void {
  switch (behaviour.mode) {
    case 'normal':
      return stream({ silent: false });
    case 'silent':
      return stream({ silent: true });
    case 'drop':
      return void response.destroy();
    case 'html':
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
      return void response.end(PAGE);
    case 'status': {
      const wait = behaviour.retryAfter;
      const headers = wait === undefined ? {} : { 'Retry-After': String(wait) };
      return sendJson(response, behaviour.status, { detail: 'Selected by behave()' }, headers);
    }
    case 'slow-headers':
      clock.after(behaviour.delayMs, () => {
        if (!response.destroyed) stream({ silent: false });
      });
  }
}
