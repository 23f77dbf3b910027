import { findRoute } from '../http/route';
import type { Call, Route } from './call';
import { optional, sender } from './draft';
import { invalid, notFound } from './errors';
import { messageRoutes } from './messageRoutes';
import { sessionRoutes } from './sessionRoutes';
import type { State } from './types';
import { conversationView, metaView } from './views';
import { visitorRoutes } from './visitorRoutes';

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
    scope: 'website:conversation:sessions',
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
    scope: 'website:conversation:sessions',
    handle: ({ store, website, sessionId }) => ({
      reason: 'resolved',
      data: conversationView(store.conversation(sessionId), website),
    }),
  },
  {
    method: 'GET',
    path: /^\/conversation\/([^/]+)\/meta$/,
    scope: 'website:conversation:sessions',
    handle: ({ store, sessionId }) => ({
      reason: 'resolved',
      data: metaView(store.conversation(sessionId)),
    }),
  },
  {
    method: 'PATCH',
    path: /^\/conversation\/([^/]+)\/state$/,
    scope: 'website:conversation:states',
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
    scope: 'website:conversation:messages',
    handle({ store, sessionId, body }) {
      store.conversation(sessionId);
      const { type } = body;
      if (type !== 'start' && type !== 'stop') throw invalid('type must be start or stop');
      const stealth = optional(body, 'stealth', 'boolean') ?? false;
      // Only operators see that a visitor types, and the inbox does not show it.
      if (sender(body.from) === 'operator' && !stealth) store.compose(sessionId, type === 'start');
      return { reason: 'dispatched', data: {}, status: 202 };
    },
  },
  ...sessionRoutes,
  ...messageRoutes,
  ...visitorRoutes,
];

/**
 * Finds what answers a request, and the conversation and message that its path names.
 *
 * @param path below `/v1/website/{website_id}`
 * @throws ApiError 404 for an address that the API (as far as simulated) does not have
 */
export function route(
  method: string,
  path: string,
): Pick<Call, 'sessionId' | 'fingerprint'> & { route: Route } {
  const found = findRoute(routes, method, path);
  if (!found) throw notFound('route');
  const [sessionId = '', fingerprint = NaN] = found.caught;
  return { route: found.route, sessionId, fingerprint: Number(fingerprint) };
}
