import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { type Clock, systemClock } from '../../core/clock';
import type { Crowd } from '../connector';
import type { CrispSimulator } from '../crisp';
import { type Address, closeServer, listenOn } from '../http/listen';
import { readText, sendJson } from '../http/messages';
import type { IntercomSimulator } from '../intercom';
import type { ModelSimulator } from '../model';
import { watchActivity } from './activity';
import { type AgentSecrets, createAgents } from './agents';
import { callApi } from './api';
import type { BotCalls } from './botCalls';
import { watchConnections } from './connections';
import { crispChat } from './crispChat';
import { intercomChat } from './intercomChat';
import { type DemoFacts, NO_FACTS } from './facts';
import { createLive } from './live';
import type { OfferReport } from './offers';
import { sendPageFile } from './pageFiles';
import type { ActivitySource } from './source';

interface InboxOptions {
  intercom: IntercomSimulator;
  crisp: CrispSimulator;
  source: ActivitySource;
  crowd: Crowd;
  model: Pick<ModelSimulator, 'refused'>;
  /** The model calls behind the bot's answers. */
  calls: Pick<BotCalls, 'of'>;
  /** What the chat products' AI agents sign with. */
  agentSecrets: AgentSecrets;
  /** What offers have come to. Default: nothing. */
  offers?: OfferReport | undefined;
  /** The website that the page links to. Default: none. */
  website?: (path: string, response: ServerResponse) => Promise<boolean>;
  clock?: Clock;
}

export interface InboxServer {
  /** Sets what the page says of the demo around it, and brings it to open pages. */
  describe(facts: DemoFacts): void;
  listen(port?: number, host?: string): Promise<Address>;
  close(): Promise<void>;
}

/**
 * A support inbox for the demo. It shows the conversations of the simulated Intercom and Crisp and what
 * their visitors do, and lets its user write as any of them. `/api/events` streams `conversation`,
 * `activity`, `presence`, `connections` and `reload` events.
 */
export function createInboxServer({
  intercom,
  crisp,
  source,
  crowd,
  model,
  calls,
  agentSecrets,
  offers = async () => [],
  website,
  clock = systemClock,
}: InboxOptions): InboxServer {
  const live = createLive();
  const personIds = crowd.people.map(({ id }) => id);
  const activity = watchActivity(source, personIds, (personId, actions) =>
    live.send('activity', { personId, actions }),
  );
  const connections = watchConnections({ source, intercom, crisp, model, clock }, (state) =>
    live.send('connections', state),
  );
  let facts = NO_FACTS;
  const chats = [
    intercomChat(intercom, crowd.people),
    crispChat(crisp, crowd, calls, () => facts.silentMinutes),
  ];
  const agents = createAgents(agentSecrets, intercom, () => facts.agents, clock);
  const unwatch = chats.map((chat) =>
    chat.watch((entry) => live.send(entry ? 'conversation' : 'reload', entry ?? {})),
  );

  unwatch.push(
    crowd.onPresence((personId) =>
      live.send('presence', { personId, here: crowd.isHere(personId) }),
    ),
  );

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').split('?')[0]!;
    const method = request.method ?? 'GET';
    if (method === 'GET' && path === '/api/events') return live.add(response);
    if (method === 'GET' && (await sendPageFile(path, response))) return;
    if (method === 'GET' && (await website?.(path, response))) return;
    const body = method === 'POST' ? jsonObject(request, await readText(request)) : {};
    // Other sites cannot send this type without a preflight, so none can act for a demo visitor.
    if (!body) return sendJson(response, 400, { error: 'The body must be a JSON object' });
    const { status, value } = await callApi(
      {
        ...{ chats, crowd, activity, connections, facts, agents, offers },
        hasWebsite: website !== undefined,
      },
      method,
      path,
      body,
    );
    sendJson(response, status, value, { 'Cache-Control': 'no-store' });
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  return {
    describe(next) {
      facts = next;
      live.send('reload', {});
    },
    listen: (port = 0, host = '127.0.0.1') =>
      listenOn(server, { service: 'Inbox', variable: 'INBOX_PORT', host, port }),
    close() {
      unwatch.forEach((stop) => stop());
      activity.stop();
      connections.stop();
      return closeServer(server);
    },
  };
}

function jsonObject(request: IncomingMessage, text: string): Record<string, unknown> | undefined {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
