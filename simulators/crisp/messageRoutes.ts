import type { Route } from './call';
import { checkContent } from './content';
import { draftOf } from './draft';
import { invalid, notFound } from './errors';
import type { Message } from './types';
import { messageView } from './views';

/** How many messages are listed at once. The vendor does not document it: our assumption. */
const PAGE_SIZE = 40;

const SCOPE = 'website:conversation:messages';
const MESSAGE = /^\/conversation\/([^/]+)\/message\/([^/]+)$/;

/** Sending, listing, reading, editing and removing. */
export const messageRoutes: Route[] = [
  {
    method: 'POST',
    path: /^\/conversation\/([^/]+)\/message$/,
    scope: SCOPE,
    handle({ store, website, quirks, sessionId, body }) {
      const { initiated } = store.session(sessionId);
      if (initiated === false && quirks.earlyMessage === 'refused') throw notFound('session');
      const { fingerprint } = store.add(sessionId, draftOf(body, sessionId, website.name));
      return { reason: 'dispatched', data: { fingerprint }, status: 202 };
    },
  },
  {
    method: 'GET',
    path: /^\/conversation\/([^/]+)\/messages$/,
    scope: SCOPE,
    handle({ store, sessionId, query }) {
      const shown = store.conversation(sessionId).messages.filter(({ removed }) => !removed);
      return { reason: 'listed', data: pageOf(shown, query).map(messageView) };
    },
  },
  {
    method: 'GET',
    path: MESSAGE,
    scope: SCOPE,
    handle: ({ store, sessionId, fingerprint }) => ({
      reason: 'resolved',
      data: messageView(store.message(sessionId, fingerprint)),
    }),
  },
  {
    method: 'PATCH',
    path: MESSAGE,
    scope: SCOPE,
    handle({ store, sessionId, fingerprint, body }) {
      const { type } = store.message(sessionId, fingerprint);
      store.change(sessionId, fingerprint, checkContent(type, body.content), 'edited');
      return { reason: 'updated', data: {} };
    },
  },
  {
    method: 'DELETE',
    path: MESSAGE,
    scope: SCOPE,
    handle({ store, sessionId, fingerprint }) {
      store.remove(sessionId, fingerprint);
      return { reason: 'deleted', data: {} };
    },
  },
];

/**
 * One page, oldest first: the newest before a time, the oldest after a time, or the newest. Neither
 * includes the time itself, and both together make the bounds; that is inferred.
 */
function pageOf(messages: Message[], query: URLSearchParams): Message[] {
  const before = time(query, 'timestamp_before') ?? Infinity;
  const after = time(query, 'timestamp_after');
  const within = messages.filter(
    ({ timestamp }) => timestamp < before && timestamp > (after ?? -Infinity),
  );
  return after === undefined ? within.slice(-PAGE_SIZE) : within.slice(0, PAGE_SIZE);
}

function time(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d+$/.test(text)) throw invalid(`${name} must be a time in milliseconds`);
  return Number(text);
}
