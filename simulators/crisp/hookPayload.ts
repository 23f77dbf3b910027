import { createHmac } from 'node:crypto';

import type { Change, HookEvent, Message } from './types';

/** A hook's body. */
export interface HookPayload {
  website_id: string;
  event: HookEvent;
  data: Record<string, unknown>;
  /** Epoch milliseconds. */
  timestamp: number;
}

/** The hook for a change; undefined for changes that have none. */
export function hookOf(
  change: Change,
  websiteId: string,
  timestamp: number,
): HookPayload | undefined {
  if (change.kind === 'restored') return undefined;
  const { session_id, state, meta } = change.conversation;
  const hook = (event: HookEvent, data: object): HookPayload => ({
    website_id: websiteId,
    event,
    // A copy of the present state, so that a retry carries what happened at this time.
    data: structuredClone({ website_id: websiteId, session_id, ...data }),
    timestamp,
  });
  switch (change.kind) {
    case 'message':
      // Notes are included. Crisp does not document whether it sends them, and for a bot that answers
      // every message this is the worst case.
      return hook(
        change.message.from === 'user' ? 'message:send' : 'message:received',
        messageData(change.message),
      );
    case 'edited': {
      // The vendor's client knows only these two fields, not the type or the author.
      const { fingerprint, content } = change.message;
      return hook('message:updated', { fingerprint, content });
    }
    case 'removed':
      return hook('message:removed', { fingerprint: change.message.fingerprint });
    case 'state':
      return hook('session:set_state', { state });
    case 'meta':
      return hook('session:set_data', { data: meta.data });
    case 'conversation-created':
      return meta.email === '' ? undefined : hook('session:set_email', { email: meta.email });
    case 'compose':
      return undefined;
  }
}

function messageData({ removed: _, edited: _edited, ...message }: Message): object {
  return message;
}

/** A plugin hook's signature, over exactly the bytes that are sent and the time of sending them. */
export function signature(rawBody: string, secret: string, timestamp: number): string {
  return createHmac('sha256', secret).update(`[${timestamp};${rawBody}]`).digest('hex');
}
