import type { Route } from './call';
import { optional } from './draft';
import { invalid } from './errors';

/** Opening a conversation, whether it exists, who has it, and whether its visitor is blocked. */
export const sessionRoutes: Route[] = [
  {
    method: 'POST',
    path: /^\/conversation$/,
    scope: 'website:conversation:initiate',
    bare: true,
    handle({ store }) {
      // No browser has this session.
      const { session_id } = store.open({});
      store.setPresence(session_id, 'gone');
      return { reason: 'added', data: { session_id }, status: 201 };
    },
  },
  {
    method: 'POST',
    path: /^\/conversation\/([^/]+)\/initiate$/,
    scope: 'website:conversation:initiate',
    bare: true,
    handle({ store, sessionId }) {
      // That it may be repeated is our assumption, and so is the reason.
      store.initiate(sessionId);
      return { reason: 'initiated', data: {} };
    },
  },
  {
    method: 'HEAD',
    path: /^\/conversation\/([^/]+)$/,
    scope: 'website:conversation:sessions',
    handle({ store, sessionId }) {
      store.conversation(sessionId);
      return { reason: 'exists', data: {} };
    },
  },
  {
    method: 'GET',
    path: /^\/conversation\/([^/]+)\/block$/,
    scope: 'website:conversation:actions',
    handle: ({ store, sessionId }) => ({
      reason: 'resolved',
      data: { blocked: store.conversation(sessionId).blocked ?? false },
    }),
  },
  {
    method: 'PATCH',
    path: /^\/conversation\/([^/]+)\/block$/,
    scope: 'website:conversation:actions',
    handle({ store, sessionId, body }) {
      store.conversation(sessionId);
      const blocked = optional(body, 'blocked', 'boolean');
      if (blocked === undefined) throw invalid('blocked must be a boolean');
      store.setBlocked(sessionId, blocked);
      return { reason: 'updated', data: {} };
    },
  },
  {
    method: 'GET',
    path: /^\/conversation\/([^/]+)\/routing$/,
    scope: 'website:conversation:routing',
    handle({ store, sessionId }) {
      const { assignedTo } = store.conversation(sessionId);
      return {
        reason: 'resolved',
        data: { assigned: assignedTo === undefined ? null : { user_id: assignedTo } },
      };
    },
  },
  {
    method: 'PATCH',
    path: /^\/conversation\/([^/]+)\/routing$/,
    scope: 'website:conversation:routing',
    handle({ store, sessionId, body }) {
      store.conversation(sessionId);
      const { user_id: userId } = (body.assigned ?? {}) as Record<string, unknown>;
      store.assign(sessionId, typeof userId === 'string' ? userId : undefined);
      return { reason: 'updated', data: {} };
    },
  },
];
