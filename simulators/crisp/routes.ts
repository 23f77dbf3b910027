import type { Route } from './call';
import { optional, sender } from './draft';
import { invalid, notFound } from './errors';
import { messageRoutes } from './messageRoutes';
import type { State } from './types';
import { conversationView, metaView } from './views';

/** Conversations on a page, the most the vendor gives; there is only the first here. */
const PAGE = 50;
const STATES: readonly State[] = ['pending', 'unresolved', 'resolved'];

const routes: Route[] = [
  {
    method: 'GET',
    path: /^$/,
    handle: ({ website }) => ({
      reason: 'resolved',
      data: { website_id: website.id, name: website.name, domain: 'northwindboards.example' },
    }),
  },
  {
    method: 'GET',
    path: /^\/conversations\/1$/,
    handle: ({ store, website }) => ({
      reason: 'listed',
      data: store
        .conversations()
        .slice(0, PAGE)
        .map((one) => conversationView(one, website)),
    }),
  },
  {
    method: 'GET',
    path: /^\/conversation\/([^/]+)$/,
    handle: ({ store, website, sessionId }) => ({
      reason: 'resolved',
      data: conversationView(store.conversation(sessionId), website),
    }),
  },
  {
    method: 'GET',
    path: /^\/conversation\/([^/]+)\/meta$/,
    handle: ({ store, sessionId }) => ({
      reason: 'resolved',
      data: metaView(store.conversation(sessionId)),
    }),
  },
  {
    method: 'PATCH',
    path: /^\/conversation\/([^/]+)\/state$/,
    handle({ store, sessionId, body }) {
      store.conversation(sessionId);
      const state = STATES.find((one) => one === body.state);
      if (!state) throw invalid(`state must be one of ${STATES.join(', ')}`);
      store.setState(sessionId, state);
      return { reason: 'updated', data: {} };
    },
  },
  {
    method: 'PATCH',
    path: /^\/conversation\/([^/]+)\/compose$/,
    handle({ store, sessionId, body }) {
      store.conversation(sessionId);
      const { type } = body;
      if (type !== 'start' && type !== 'stop') throw invalid('type must be start or stop');
      const stealth = optional(body, 'stealth', 'boolean') ?? false;
      // A visitor who types is shown to operators only, and nobody looks at that here.
      if (sender(body.from) === 'operator' && !stealth) store.compose(sessionId, type === 'start');
      return { reason: 'dispatched', data: {} };
    },
  },
  ...messageRoutes,
];

/** What answers a request, and what its path names. */
export interface Match {
  handle: Route['handle'];
  sessionId: string;
  fingerprint: number;
}

/**
 * Finds what answers a request.
 *
 * @param path below `/v1/website/{website_id}`
 * @throws ApiError 404 for an address that the API (as far as simulated) does not have
 */
export function route(method: string, path: string): Match {
  for (const { method: wanted, path: pattern, handle } of routes) {
    const match = method === wanted && pattern.exec(path);
    if (!match) continue;
    const sessionId = decodeURIComponent(match[1] ?? '');
    return { handle, sessionId, fingerprint: Number(match[2] ?? NaN) };
  }
  throw notFound('route');
}
