import { findRoute } from '../http/route';
import type { Route } from './call';
import { connectorRoutes } from './connectorRoutes';
import { contactRoutes } from './contactRoutes';
import { conversationRoutes } from './conversationRoutes';
import { notFound } from './errors';
import { outreachRoutes } from './outreachRoutes';
import { teamRoutes } from './teamRoutes';

const routes: Route[] = [
  ...teamRoutes,
  ...contactRoutes,
  ...outreachRoutes,
  ...conversationRoutes,
  ...connectorRoutes,
];

/**
 * Finds what answers a request.
 *
 * @throws ApiError 404 for an address that the API (as far as simulated) does not have
 */
export function route(method: string, path: string): { handle: Route['handle']; id: string } {
  const found = findRoute(routes, method, path);
  if (!found) throw notFound('Resource');
  return { handle: found.route.handle, id: found.caught[0] ?? '' };
}
