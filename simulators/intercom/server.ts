import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { type Clock, systemClock } from '../clock';
import { type Address, closeServer, listenOn } from '../http/listen';
import { bearerToken, readText, sendJson, sendJsonText } from '../http/messages';
import { type Random, createRandom, uuid } from '../random';
import { checkRequest } from './checks';
import { type ApiError, apiError, errorBody, isApiError } from './errors';
import { type ApiRequest, createFaults, type Effect, type Faults } from './faults';
import { escapeHtml } from './html';
import { createJournal, type Journal } from './journal';
import { createRateLimit } from './rateLimit';
import type { Admin, Contact, Conversation, Part, Snapshot } from './records';
import { route, type Workspace } from './routes';
import { authorOf, type Change, createStore, type NewContact } from './store';
import { createWebhooks, type Webhooks } from './webhooks';

/** Milliseconds before an answer, always the same or by request. */
export type Latency = number | ((request: ApiRequest) => number);

export interface IntercomOptions {
  accessToken: string;
  /** The token's own admin first. Default: one. */
  admins?: readonly Admin[];
  workspace?: Workspace;
  /** Requests a minute, spread over 10 s windows. Default 10 000; false lifts the limit. */
  rateLimit?: number | false;
  latency?: Latency;
  /** Entries kept of each kind in the journal. Default 10 000. */
  journalSize?: number;
  clock?: Clock;
  random?: Random;
}

export interface IntercomSimulator {
  listen(port?: number, host?: string): Promise<Address>;
  close(): Promise<void>;
  faults: Faults;
  webhooks: Webhooks;
  journal: Journal;
  setLatency(latency: Latency): void;
  /** A visitor opens a conversation in the messenger; an unknown one becomes a contact. */
  visitorStarts(visitor: NewContact & { text: string }): Conversation;
  /** The conversation's visitor writes again. */
  visitorReplies(conversationId: string, text: string): Part;
  addContact(contact: NewContact): Contact;
  contact(id: string): Contact;
  /** Latest activity first. */
  conversations(): Conversation[];
  /** Parts oldest first. @throws ApiError 404 for an unknown one */
  conversation(id: string): Conversation;
  /** Tells of every change right after it; returns how to stop that. */
  onChange(listener: (change: Change) => void): () => void;
  snapshot(): Snapshot;
  /** Replaces all contacts and conversations. */
  restore(snapshot: Snapshot): void;
}

const ONE_ADMIN: Admin = {
  id: '9912674',
  name: 'Autoplay',
  email: 'autoplay@northwindboards.example',
};
const WORKSPACE: Workspace = { id: 'nwboards', name: 'Northwind Boards' };

/** Intercom's REST API, as far as conversations and contacts go, and its webhooks. */
export function createIntercomSimulator(options: IntercomOptions): IntercomSimulator {
  const { accessToken, admins = [ONE_ADMIN], workspace = WORKSPACE } = options;
  const { clock = systemClock, random = createRandom(1), journalSize = 10_000 } = options;
  const rateLimit = createRateLimit(options.rateLimit ?? 10_000, clock);
  const faults = createFaults();
  const listeners = new Set<(change: Change) => void>();
  const { journal, noteChange, noteRequest, noteViolation } = createJournal(clock, journalSize);
  let latency: Latency = options.latency ?? 0;

  const store = createStore(clock, admins, (change) => {
    noteChange(change);
    notify(change);
    listeners.forEach((listener) => listener(change));
  });
  const { webhooks, notify, stop } = createWebhooks({
    clock,
    random,
    workspaceId: workspace.id,
    contactOf: ({ conversation }) => store.contact(conversation.contactId),
  });

  const pause = (ms: number): Promise<void> =>
    ms > 0 ? new Promise((resolve) => clock.setTimeout(resolve, ms)) : Promise.resolve();

  /** Carries out a request: its JSON, or an ApiError thrown. */
  const process = (
    request: ApiRequest,
    rawBody: string,
    query: URLSearchParams,
    token: string | undefined,
  ) => {
    if (token === undefined) throw apiError(401, 'unauthorized', 'Access Token Invalid');
    if (token !== accessToken) throw apiError(401, 'token_not_found', 'Access Token Invalid');
    const body = checkRequest(request, rawBody, noteViolation);
    const { handle, id } = route(request.method, request.path);
    return handle({ store, workspace, random, body, query, id });
  };

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const requestId = uuid(random);
    const rawBody = await readText(incoming);
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://simulator');
    const request: ApiRequest = {
      at: clock.now(),
      method: incoming.method ?? 'GET',
      path: pathname,
      headers: incoming.headers,
      body: parseLeniently(rawBody),
    };
    const effect = faults.strike(request);
    await pause(typeof latency === 'number' ? latency : latency(request));
    if (effect?.kind === 'delay') await pause(effect.ms);
    const { allowed, headers: limits } = rateLimit.admit();
    const headers = { ...limits, 'X-Request-Id': requestId, 'Intercom-Version': version(incoming) };

    const end = (status: number, send?: () => void): void => {
      noteRequest({ ...request, status });
      send?.();
    };
    const fail = (error: ApiError, more: Record<string, string> = {}): void =>
      end(error.status, () =>
        sendJson(response, error.status, errorBody(error, requestId), { ...headers, ...more }),
      );

    if (effect?.kind === 'hang') return end(0);
    if (effect?.kind === 'reset-before') return end(0, () => reset(incoming));
    if (effect?.kind === 'status') return fail(faultError(effect), retryAfter(effect));
    if (!allowed) {
      const text = `Exceeded rate limit of ${rateLimit.perWindow} in 10_seconds`;
      return fail(apiError(429, 'rate_limit_exceeded', text));
    }
    try {
      const json = process(request, rawBody, searchParams, bearerToken(incoming));
      if (effect?.kind === 'hang-after') return end(0);
      if (effect?.kind === 'reset-after') return end(0, () => reset(incoming));
      if (effect?.kind === '500-after') return fail(apiError(500, 'server_error', 'Server Error'));
      end(200, () => sendJsonText(response, 200, json, headers));
    } catch (thrown) {
      fail(isApiError(thrown) ? thrown : apiError(500, 'server_error', String(thrown)));
    }
  };

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => response.destroy());
  });

  return {
    listen: (port = 0, host = '127.0.0.1') =>
      listenOn(server, { service: 'Intercom', variable: 'INTERCOM_PORT', host, port }),
    close() {
      stop();
      return closeServer(server);
    },
    faults,
    webhooks,
    journal,
    setLatency: (next) => void (latency = next),
    visitorStarts({ text, ...visitor }) {
      return store.start(store.findContact(visitor) ?? store.addContact(visitor), text);
    },
    visitorReplies(conversationId, text) {
      const conversation = store.conversation(conversationId);
      const author = authorOf(store.contact(conversation.contactId));
      return store.addPart(conversation, 'comment', author, escapeHtml(text));
    },
    addContact: store.addContact,
    contact: store.contact,
    conversations: store.conversations,
    conversation: store.conversation,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: store.snapshot,
    restore: store.restore,
  };
}

function parseLeniently(rawBody: string): unknown {
  try {
    return rawBody === '' ? undefined : JSON.parse(rawBody);
  } catch {
    return undefined;
  }
}

const version = ({ headers }: IncomingMessage): string =>
  String(headers['intercom-version'] ?? '2.14');

/** A reset rather than a polite end: what a client sees when a proxy or the network fails. */
const reset = (incoming: IncomingMessage): void => void incoming.socket.resetAndDestroy();

function faultError(effect: Extract<Effect, { kind: 'status' }>): ApiError {
  const { status, code, message = 'Injected fault' } = effect;
  const usual =
    status === 429 ? 'rate_limit_exceeded' : status >= 500 ? 'server_error' : 'client_error';
  return apiError(status, code ?? usual, message);
}

function retryAfter(effect: Extract<Effect, { kind: 'status' }>): Record<string, string> {
  return effect.retryAfter === undefined ? {} : { 'Retry-After': String(effect.retryAfter) };
}
