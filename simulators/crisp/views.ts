import type { Website } from './call';
import type { Conversation, Message } from './types';

const STATUSES = { pending: 0, unresolved: 1, resolved: 2 };

/** A message as the API shows it. */
export function messageView({ removed: _, ...message }: Message): unknown {
  return { ...message, preview: [], mentions: [], read: '', delivered: 'chat', translated: false };
}

/** The visitor as the API shows them. */
export function metaView({ meta }: Conversation) {
  return { ...meta, address: '', subject: '', origin: 'chat', ip: '', avatar: null, device: {} };
}

/** A conversation as the API shows it; its messages are listed elsewhere. */
export function conversationView(conversation: Conversation, website: Website): unknown {
  const { session_id, created_at, updated_at, state, is_verified, verifications, compose } =
    conversation;
  const last = conversation.messages.findLast(
    ({ removed, type }) => !removed && type !== 'note' && type !== 'event',
  );
  return {
    session_id,
    website_id: website.id,
    state,
    status: STATUSES[state],
    is_verified,
    verifications,
    is_blocked: false,
    availability: 'online',
    active: { now: true, last: updated_at },
    last_message: typeof last?.content === 'string' ? last.content : '',
    participants: [],
    mentions: [],
    compose: {
      operator: compose.operator ? { type: 'start', ...compose.operator } : { type: 'stop' },
      visitor: { type: 'stop' },
    },
    unread: { operator: 0, visitor: 0 },
    assigned: {},
    meta: metaView(conversation),
    created_at,
    updated_at,
  };
}
