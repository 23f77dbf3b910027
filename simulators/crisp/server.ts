import { createServer } from 'node:http';

import { type Clock, systemClock } from '../../core/clock';
import { createFaults, type Latency } from '../http/faults';
import { type CarryOut, createHandler } from '../http/handler';
import { createJournal } from '../http/journal';
import { jsonBody } from '../http/jsonBody';
import { differences } from '../http/shape';
import { closeServer, listenOn } from '../http/listen';
import { type Random, createRandom } from '../random';
import { withChoice } from './content';
import { documented } from './documented';
import { invalid, noAccess, notFound } from './errors';
import { createHooks } from './hooks';
import { type Mutation, mutationOf } from './journal';
import { route } from './routes';
import { createStore, type Draft } from './store';
import { createManners, type Token, tokenOf } from './tokens';
import type { Change, CrispSimulator } from './types';

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
  clock?: Clock;
  random?: Random;
}

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
  let latency: Latency = options.latency ?? 0;

  const { hooks, notify, stop } = createHooks({
    clock,
    random,
    websiteId,
    patienceMs: options.hookPatienceMs,
  });
  const store = createStore(websiteId, clock, random, (change) => {
    const mutation = mutationOf(change, clock.now());
    if (mutation) noteMutation(mutation);
    notify(change);
    listeners.forEach((listener) => listener(change));
  });

  const carryOut: CarryOut = (request, rawBody, query) => {
    if (!tokenOf(request.headers, tokens)) throw noAccess();
    const [, wanted, path] = WEBSITE.exec(request.path) ?? [];
    if (wanted === undefined || path === undefined) throw notFound('route');
    if (wanted !== websiteId) throw notFound('website');
    const { at, method } = request;
    for (const detail of differences(documented, { ...request, path, query })) {
      noteViolation({ at, rule: 'undocumented', method, path: request.path, detail });
    }
    const { handle, ...named } = route(request.method, path);
    const hasBody = request.method === 'POST' || request.method === 'PATCH';
    const body = hasBody ? jsonBody(request, rawBody, noteViolation, invalid) : {};
    return JSON.stringify({ error: false, ...handle({ store, website, body, query, ...named }) });
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
    visitorOpens: store.open,
    visitorWrites(sessionId, content) {
      const { nickname } = store.conversation(sessionId).meta;
      const user = { user_id: sessionId, nickname };
      return store.add(sessionId, { type: 'text', from: 'user', origin: 'chat', content, user });
    },
    visitorPicks(sessionId, fingerprint, value) {
      const { type, content } = store.message(sessionId, fingerprint);
      if (type !== 'picker') throw invalid('There is nothing to choose from');
      return store.change(sessionId, fingerprint, withChoice(content, value), false);
    },
    setSessionData: store.setData,
    operatorWrites: (sessionId, content, nickname = websiteName, timestamp = clock.now()) =>
      store.add(sessionId, { ...byHand('text', content, nickname), timestamp }),
    operatorNotes: (sessionId, content, nickname = websiteName, timestamp = clock.now()) =>
      store.add(sessionId, { ...byHand('note', content, nickname), timestamp }),
    operatorResolves: (sessionId) => store.setState(sessionId, 'resolved'),
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

/** What a person writes in Crisp's own inbox. */
function byHand(type: 'text' | 'note', content: string, nickname: string): Draft {
  return { type, from: 'operator', origin: 'chat', content, user: { type: 'operator', nickname } };
}
