import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

import type { Clock } from '../../../core/clock';
import { readBytes } from '../../http/messages';
import type { Random } from '../../random';
import type { CapturedEvent, Project } from '../types';
import { accept } from './accept';
import { readBatch, type SdkEvent } from './body';
import { configOf, configScript, NO_FLAGS } from './config';
import { staticScript } from './scripts';

interface Parts {
  projects: readonly Project[];
  clock: Clock;
  random: Random;
  /** Called for each event that capture takes. */
  take(event: CapturedEvent, project: Project): void;
  /** Called for what a vendor would take without a word, but drop. */
  note(detail: string): void;
}

const EVENTS = /^\/(?:e|capture|track|batch|i\/v0\/e)\/?$/;
const CONFIG = /^\/array\/([^/]+)\/config(\.js)?$/;
/** What SDKs send besides events. It is taken, and nothing happens. */
const IGNORED = /^\/(?:s|i\/v1\/(?:logs|metrics))\/?$/;

/** The part of PostHog that SDKs talk to: events come in, settings and scripts go out. */
export function createCapture({ projects, clock, random, take, note }: Parts) {
  const projectOf = (token: unknown) => projects.find(({ apiToken }) => apiToken === token);

  /** Takes what has a name, an id and a known project. */
  const receive = (
    sent: SdkEvent,
    common: { token?: string | undefined; ip: string; sentAt?: string | undefined },
  ) => {
    const project = projectOf(common.token ?? sent.token ?? sent.api_key ?? sent.properties?.token);
    if (!project) return note('an event has no token of a project');
    const event = accept(sent, common, clock, random);
    if (!event) return note('an event has no name or no distinct id');
    take(event, project);
  };

  const post = async (request: IncomingMessage, query: URLSearchParams): Promise<number> => {
    const ip = request.socket.remoteAddress ?? '';
    try {
      const { events, token, sentAt } = readBatch(await readBytes(request), query);
      if (events.length === 0) return 400;
      events.forEach((event) => receive(event, { token, ip, sentAt }));
      return query.get('beacon') === '1' ? 204 : 200;
    } catch {
      return 400;
    }
  };

  return {
    receive,
    /** Answers a request; returns the status, or undefined for an address that SDKs do not know. */
    async answer(
      request: IncomingMessage,
      path: string,
      query: URLSearchParams,
      response: ServerResponse,
    ): Promise<number | undefined> {
      const { method = 'GET' } = request;
      const send = (
        status: number,
        body: string | Buffer = '',
        type = 'application/json',
      ): number => {
        response.writeHead(status, { 'Content-Type': type, ...crossOrigin(request) });
        response.end(status === 204 ? undefined : body);
        return status;
      };
      if (method === 'OPTIONS') return send(204);
      if (method === 'POST' && EVENTS.test(path)) {
        const status = await post(request, query);
        return send(status, JSON.stringify({ status: status < 400 ? 'Ok' : 'Bad request' }));
      }
      if (method === 'POST' && IGNORED.test(path)) return send(200, '{"status":"Ok"}');
      if (method === 'POST' && /^\/flags\/?$/.test(path)) {
        return send(200, JSON.stringify(NO_FLAGS));
      }
      const [, token, script] = CONFIG.exec(path) ?? [];
      const project = projectOf(token);
      if (method === 'GET' && project) {
        return script
          ? send(200, configScript(project), 'text/javascript; charset=utf-8')
          : send(200, JSON.stringify(configOf(project)));
      }
      const file = method === 'GET' ? await staticScript(path) : undefined;
      return file && send(200, file, 'text/javascript; charset=utf-8');
    },
  };
}

/** A website's script may call from anywhere. */
function crossOrigin({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const wanted = headers['access-control-request-headers'];
  return {
    'Access-Control-Allow-Origin': headers.origin ?? '*',
    ...(headers.origin && { 'Access-Control-Allow-Credentials': 'true', Vary: 'Origin' }),
    'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
    ...(wanted && { 'Access-Control-Allow-Headers': wanted }),
  };
}
