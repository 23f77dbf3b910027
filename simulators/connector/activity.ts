import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Clock } from '../../core/clock';
import { pushBounded } from '../bounded';
import { bearerToken, sendJson } from '../http/messages';

/** How the connector answers questions about live activity: as documented, or with this status. */
export type ActivityBehaviour =
  { mode: 'normal' } | { mode: 'status'; status: number; retryAfter?: number };

/** One question, refused ones included. */
interface ActivityRequest {
  /** Epoch milliseconds. */
  at: number;
  productId: string;
  userId: string;
}

export interface ActivityStore {
  /** Keeps the actions of a frame that names its user, whether or not anybody gets the frame. */
  keep(productId: string, frame: unknown): void;
  /** Answers `GET /users/<product_id>/<user_id>/live-activity`; false for any other request. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  behave(behaviour: ActivityBehaviour): void;
  /** The newest 1 000 questions, oldest first. */
  requests(): readonly ActivityRequest[];
}

/** Autoplay's documented limits. */
const MAX_EVENTS = 50;
const TTL_MS = 86_400_000;
const REQUESTS_KEPT = 1_000;
const ROUTE = /^\/users\/([^/]+)\/([^/]+)\/live-activity$/;

type Fields = Record<string, unknown>;

/**
 * The last actions of each user, for a day: `{product_id, user_id, count, as_of, actions}`, oldest first. 401 for a missing
 * or wrong token, 404 for an unknown product. Assumed: `as_of` is in epoch seconds, and an unknown user has no actions.
 *
 * @param tokens the products' tokens by id, '' for a product that needs none
 */
export function createActivityStore(
  tokens: ReadonlyMap<string, string>,
  clock: Pick<Clock, 'now'>,
): ActivityStore {
  const kept = new Map<string, Array<{ at: number; action: Fields }>>();
  const requests: ActivityRequest[] = [];
  let behaviour: ActivityBehaviour = { mode: 'normal' };
  const keyOf = (productId: string, userId: string) => JSON.stringify([productId, userId]);

  return {
    keep(productId, frame) {
      const { type, user_id, actions } = (frame ?? {}) as Fields;
      if (type !== 'actions' || typeof user_id !== 'string' || !Array.isArray(actions)) return;
      const key = keyOf(productId, user_id);
      const theirs = kept.get(key) ?? [];
      kept.set(key, theirs);
      for (const action of actions) {
        if (typeof action !== 'object' || action === null) continue;
        pushBounded(theirs, { at: clock.now(), action: action as Fields }, MAX_EVENTS);
      }
    },
    answer(request, response) {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://connector');
      const [, product = '', user = ''] = ROUTE.exec(pathname) ?? [];
      if (!product) return false;
      const productId = safeDecode(product);
      const userId = safeDecode(user);
      pushBounded(requests, { at: clock.now(), productId, userId }, REQUESTS_KEPT);
      const refuse = (status: number, detail: string, headers = {}) => {
        sendJson(response, status, { detail }, headers);
        return true;
      };
      if (behaviour.mode === 'status') {
        const { status, retryAfter } = behaviour;
        const headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
        return refuse(status, 'Selected by behave()', headers);
      }
      const token = tokens.get(productId);
      if (token === undefined) return refuse(404, 'Unknown product');
      if (request.method !== 'GET') return refuse(405, 'Use GET');
      if (token !== '' && bearerToken(request) !== token) {
        return refuse(401, 'Missing or invalid token');
      }
      const limit = Number(searchParams.get('limit') ?? MAX_EVENTS);
      const now = clock.now();
      const actions = (kept.get(keyOf(productId, userId)) ?? [])
        .filter(({ at }) => now - at < TTL_MS)
        .slice(-Math.min(MAX_EVENTS, Math.max(1, limit)))
        .map(({ action }, index) => ({ ...action, index }));
      const found = { product_id: productId, user_id: userId, count: actions.length };
      sendJson(response, 200, { ...found, as_of: now / 1_000, actions });
      return true;
    },
    behave(next) {
      behaviour = next;
    },
    requests: () => requests,
  };
}

/** A part of a path as it was before it was encoded; as it is if it was not encoded. */
export function safeDecode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
