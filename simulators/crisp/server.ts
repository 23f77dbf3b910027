import { createServer } from 'node:http';

import { type Clock, systemClock } from '../../core/clock';
import { createFaults, type Faults, type Latency } from '../http/faults';
import { type CarryOut, createHandler } from '../http/handler';
import { createJournal } from '../http/journal';
import { jsonBody } from '../http/jsonBody';
import { differences } from '../http/shape';
import { type Address, closeServer, listenOn } from '../http/listen';
import { type Random, createRandom } from '../random';
import { type Acts, createActs } from './acts';
import { documented } from './documented';
import { invalid, noAccess, notAllowed, notFound } from './errors';
import { createHooks } from './hooks';
import { type Journal, type Mutation, mutationOf } from './journal';
import { type Quirks, QUIRKS } from './quirks';
import { route } from './routes';
import { isAllowed } from './scopes';
import { createStore } from './store';
import { createManners, type Token, tokenOf } from './tokens';
import type { Change, Conversation, Hooks, Operator, Snapshot } from './types';

export interface CrispOptions {
  websiteId: string;
  /** All of this website: a token of another opens nothing here. */
  tokens: readonly Token[];
  /** Who answers when a message names no operator. */
  websiteName?: string;
  /** Requests a day for each token. Default: what the vendor grants its tier; false lifts it. */
  dailyQuota?: number | false;
  latency?: Latency;
  /** Entries kept of each kind in the journal. Default 10 000. */
  journalSize?: number;
  /** How long a hook waits for its answer, in milliseconds; by default as long as Crisp does. */
  hookPatienceMs?: number | undefined;
  /** By default what is most probable. */
  quirks?: Partial<Quirks>;
  clock?: Clock;
  random?: Random;
}

export interface CrispSimulator extends Acts {
  /** Resolves to the server's origin; the API is below `${url}/v1`. */
  listen(port?: number, host?: string): Promise<Address>;
  close(): Promise<void>;
  faults: Faults;
  hooks: Hooks;
  journal: Journal;
  /** What Crisp does where that is not certain. Changes take effect at once. */
  quirks: Quirks;
  setLatency(latency: Latency): void;
  /** Latest activity first. */
  conversations(): Conversation[];
  /** The same, and sessions that are no conversations yet. */
  sessions(): Conversation[];
  /** Of a conversation, or of a session that is none yet. @throws ApiError 404 for an unknown one */
  conversation(sessionId: string): Conversation;
  /** Calls the listener after each change; returns a function that ends this. */
  onChange(listener: (change: Change) => void): () => void;
  snapshot(): Snapshot;
  /** Replaces all conversations. */
  restore(snapshot: Snapshot): void;
}

/** The operator that there is by default, who is there. */
const OPERATOR = 'c1f0d3aa-5b4e-4b6e-8d2f-7e0a9c1b2d3e';
const WEBSITE = /^\/v1\/website\/([^/]+)(.*)$/;

/** Crisp's REST API (v1), as far as conversations go, and its web hooks. */
export function createCrispSimulator(options: CrispOptions): CrispSimulator {
  const { websiteId, tokens, websiteName = 'Northwind Boards', dailyQuota } = options;
  const { clock = systemClock, random = createRandom(1), journalSize = 10_000 } = options;
  const website = { id: websiteId, name: websiteName };
  const faults = createFaults();
  const listeners = new Set<(change: Change) => void>();
  const { journal, noteMutation, noteRequest, noteViolation } =
    createJournal<Mutation>(journalSize);
  const quirks: Quirks = { ...QUIRKS, ...options.quirks };
  let latency: Latency = options.latency ?? 0;

  const { hooks, notify, stop } = createHooks({
    clock,
    random,
    websiteId,
    quirks,
    patienceMs: options.hookPatienceMs,
  });
  const announce = (change: Change): void => {
    const mutation = mutationOf(change, clock.now());
    if (mutation) noteMutation(mutation);
    notify(change);
    listeners.forEach((listener) => listener(change));
  };
  const store = createStore(websiteId, clock, random, quirks, announce);
  const operators: Operator[] = [{ user_id: OPERATOR, online: true, since: clock.now() }];

  const carryOut: CarryOut = (request, rawBody, query) => {
    const token = tokenOf(request.headers, tokens);
    if (!token) throw noAccess();
    const [, wanted, path] = WEBSITE.exec(request.path) ?? [];
    if (wanted === undefined || path === undefined) throw notFound('route');
    if (wanted !== websiteId) throw notFound('website');
    const { at, method } = request;
    for (const detail of differences(documented, { ...request, path, query })) {
      noteViolation({ at, rule: 'undocumented', method, path: request.path, detail });
    }
    const { route: found, ...named } = route(method, path);
    if (!isAllowed(token.scopes, found.scope, method)) throw notAllowed();
    const hasBody = (method === 'POST' || method === 'PATCH') && !found.bare;
    const body = hasBody ? jsonBody(request, rawBody, noteViolation, invalid) : {};
    const now = clock.now();
    const call = { store, website, quirks, operators, now, body, query, ...named };
    const { status = 200, ...answered } = found.handle(call);
    return { status, json: JSON.stringify({ error: false, ...answered }) };
  };
  const answer = createHandler({
    faults,
    manners: createManners(tokens, dailyQuota, clock),
    latency: () => latency,
    carryOut,
    noteRequest,
    clock,
    random,
  });
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => response.destroy());
  });

  return {
    listen: (port = 0, host = '127.0.0.1') =>
      listenOn(server, { service: 'Crisp', variable: 'CRISP_PORT', host, port }),
    close() {
      stop();
      return closeServer(server);
    },
    faults,
    hooks,
    journal,
    setLatency: (next) => void (latency = next),
    quirks,
    ...createActs({ store, clock, websiteName, operators, announce }),
    conversations: store.conversations,
    sessions: store.sessions,
    conversation: store.session,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: store.snapshot,
    restore: store.restore,
  };
}
