import { findRoute } from '../http/route';
import type { Route } from './call';
import { connectorRoutes } from './connectorRoutes';
import { conversationRoutes } from './conversationRoutes';
import { notFound } from './errors';

const routes: Route[] = [
  {
    method: 'GET',
    path: /^\/me$/,
    handle({ store, workspace }) {
      const app = {
        type: 'app',
        id_code: workspace.id,
        name: workspace.name,
        created_at: 1_700_000_000,
        secure: false,
        identity_verification: false,
        timezone: 'UTC',
        region: 'US',
      };
      const { id, name, email } = store.admins[0]!;
      const image_url = 'https://northwindboards.example/avatars/1.png';
      const avatar = { type: 'avatar', image_url };
      const known = { type: 'admin', id, email, name, email_verified: true };
      const admin = { ...known, avatar, has_inbox_seat: true };
      return JSON.stringify({ ...admin, app });
    },
  },
  {
    method: 'GET',
    path: /^\/admins$/,
    handle: ({ store }) =>
      JSON.stringify({
        type: 'admin.list',
        admins: store.admins.map((admin) => ({
          type: 'admin',
          ...admin,
          away_mode_enabled: false,
          away_mode_reassign: false,
          has_inbox_seat: true,
          team_ids: [],
        })),
      }),
  },
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
