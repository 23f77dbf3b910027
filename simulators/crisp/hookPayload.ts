import { createHmac } from 'node:crypto';

import type { Quirks } from './quirks';
import type { Change, Conversation, HookEvent, Message } from './types';

/** A hook's body. */
export interface HookPayload {
  website_id: string;
  event: HookEvent;
  data: Record<string, unknown>;
  /** Epoch milliseconds. */
  timestamp: number;
}

type Hook = [event: HookEvent, data: object];

/** The hooks for a change, most often one or none. */
export function hooksOf(
  change: Change,
  websiteId: string,
  timestamp: number,
  quirks: Readonly<Quirks>,
): HookPayload[] {
  const session = 'conversation' in change ? change.conversation : undefined;
  if (session?.initiated === false && !quirks.earlyHooks) return [];
  const of = session && { session_id: session.session_id, inbox_id: null };
  return raised(change, quirks).map(([event, data]) => ({
    website_id: websiteId,
    event,
    // A copy of the present state, so that a retry carries what happened at this time.
    data: structuredClone({ website_id: websiteId, ...of, ...data }),
    timestamp,
  }));
}

function raised(change: Change, { editsRaiseHooks }: Readonly<Quirks>): Hook[] {
  switch (change.kind) {
    case 'message':
      // Notes are included. Crisp does not document whether it sends them, and for a bot that answers
      // every message this is the worst case.
      return [
        [
          change.message.from === 'user' ? 'message:send' : 'message:received',
          messageData(change.message),
        ],
      ];
    case 'edited':
      return editsRaiseHooks ? [updated(change.message)] : [];
    case 'picked':
      return [updated(change.message)];
    case 'removed':
      return [['message:removed', { fingerprint: change.message.fingerprint }]];
    case 'acknowledged': {
      const { how, from, fingerprints } = change;
      // The vendor's clients name the messages of visitors "send" and those of operators "received", and their
      // README says "message is read from visitor" of the first: that an operator has read it.
      const read = from === 'user' ? ('send' as const) : ('received' as const);
      const event = how === 'read' ? (`read:${read}` as const) : how;
      return [[`message:acknowledge:${event}`, { origin: 'chat', fingerprints }]];
    }
    case 'session-created':
    case 'conversation-created':
      return whatIsSet(change.conversation);
    case 'availability':
      return [['website:users:available', { available: change.available }]];
    case 'compose':
    case 'restored':
      return [];
    default:
      return [aboutSession(change.kind, change.conversation)];
  }
}

/** The vendor's client knows only these two fields, not the type, the author or who has changed it. */
function updated({ fingerprint, content }: Message): Hook {
  return ['message:updated', { fingerprint, content }];
}

/** What the site sets when its chatbox loads. */
function whatIsSet({ meta }: Conversation): Hook[] {
  const { email, data } = meta;
  const hasData = Object.keys(data).length > 0;
  return [
    ...(email === '' ? [] : [['session:set_email', { email }] satisfies Hook]),
    ...(hasData ? [['session:set_data', { data }] satisfies Hook] : []),
  ];
}

function aboutSession(
  kind: 'initiated' | 'state' | 'meta' | 'email' | 'presence' | 'page' | 'blocked' | 'assigned',
  { state, meta, presence, page, seenAt, blocked, assignedTo }: Conversation,
): Hook {
  switch (kind) {
    case 'initiated':
      return ['session:request:initiated', {}];
    case 'state':
      return ['session:set_state', { state }];
    case 'meta':
      return ['session:set_data', { data: meta.data }];
    case 'email':
      return ['session:set_email', { email: meta.email }];
    case 'presence':
      return [
        'session:update_availability',
        { availability: presence === 'gone' ? 'offline' : 'online' },
      ];
    case 'page': {
      const seen = page && { page_url: page.url, page_title: page.title, timestamp: seenAt };
      return ['session:sync:pages', { pages: seen ? [seen] : [] }];
    }
    case 'blocked':
      return ['session:set_block', { is_blocked: blocked ?? false }];
    case 'assigned':
      // Who had it before is not kept.
      return ['session:set_routing', { routing_id: assignedTo ?? null, previous_routing_id: null }];
  }
}

function messageData({
  removed: _,
  edited: _edited,
  read: _read,
  delivered: _delivered,
  ...message
}: Message): object {
  return message;
}

/** A plugin hook's signature, over exactly the bytes that are sent and the time of sending them. */
export function signature(rawBody: string, secret: string, timestamp: number): string {
  return createHmac('sha256', secret).update(`[${timestamp};${rawBody}]`).digest('hex');
}
