import type { Route } from './call';
import { notFound } from './errors';
import type { Conversation } from './types';
import { visitorView } from './views';

/** Visitors on a page of their list. The vendor does not document it: our assumption. */
const PAGE = 50;

const isHere = ({ presence }: Conversation): boolean => presence !== 'gone';

/** Who is on the site, and whether somebody of the team is there. */
export const visitorRoutes: Route[] = [
  {
    method: 'GET',
    path: /^\/visitors\/count$/,
    scope: 'website:visitors',
    handle({ store }) {
      const here = store.sessions().filter(isHere);
      const active = here.filter(({ presence }) => presence === undefined);
      const data = { count: here.length, active: active.length, limited: false };
      return { reason: 'resolved', data };
    },
  },
  {
    method: 'GET',
    path: /^\/visitors\/list\/([1-9]\d{0,5})$/,
    scope: 'website:visitors',
    handle({ store, sessionId: page }) {
      const from = (Number(page) - 1) * PAGE;
      const here = store.sessions().filter(isHere);
      return { reason: 'listed', data: here.slice(from, from + PAGE).map(visitorView) };
    },
  },
  {
    method: 'GET',
    path: /^\/visitors\/token\/([^/]+)$/,
    scope: 'website:visitors',
    handle({ store, sessionId: token }) {
      const found = store.sessions().find((one) => one.token === token);
      if (!found) throw notFound('token');
      return { reason: 'resolved', data: { session_id: found.session_id } };
    },
  },
  {
    method: 'GET',
    path: /^\/availability\/status$/,
    scope: 'website:availability',
    handle({ operators, now }) {
      const online = operators.filter((one) => one.online);
      const since = (online.length > 0 ? online : operators).map((one) => one.since);
      const status = online.length > 0 ? 'online' : 'offline';
      return {
        reason: 'resolved',
        data: { status, since: since.length ? Math.min(...since) : now },
      };
    },
  },
  {
    method: 'GET',
    path: /^\/availability\/operators$/,
    scope: 'website:availability',
    handle: ({ operators, now }) => ({
      reason: 'listed',
      // The units of the times are our assumption.
      data: operators.map(({ user_id, online, since }) => {
        const type = online ? 'online' : 'offline';
        return { user_id, type, time: { for: now - since, since } };
      }),
    }),
  },
];
