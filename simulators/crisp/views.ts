import type { Website } from './call';
import { isSaid } from './store';
import type { Conversation, Message } from './types';

const STATUSES = { pending: 0, unresolved: 1, resolved: 2 };

/** A message as the API shows it. */
export function messageView({ removed: _, ...message }: Message): unknown {
  return {
    ...{ preview: [], mentions: [], read: '', delivered: '', translated: false },
    ...message,
  };
}

/** The visitor as the API shows them. */
export function metaView({ meta }: Conversation) {
  return { ...meta, address: '', subject: '', origin: 'chat', ip: '', avatar: null, device: {} };
}

/** A conversation as the API shows it; its messages are listed elsewhere. */
export function conversationView(conversation: Conversation, website: Website): unknown {
  const { session_id, created_at, updated_at, state, is_verified, verifications, compose } =
    conversation;
  const { presence = 'active', seenAt, blocked = false, assignedTo } = conversation;
  const said = conversation.messages.filter(isSaid);
  const last = said.at(-1);
  const waiting_since = waitingSince(said);
  return {
    session_id,
    website_id: website.id,
    inbox_id: null,
    state,
    status: STATUSES[state],
    is_verified,
    verifications,
    is_blocked: blocked,
    availability: presence === 'gone' ? 'offline' : 'online',
    active: { now: presence === 'active', last: seenAt ?? updated_at },
    last_message: typeof last?.content === 'string' ? last.content : '',
    participants: [],
    mentions: [],
    compose: {
      operator: compose.operator ? { type: 'start', ...compose.operator } : { type: 'stop' },
      visitor: { type: 'stop' },
    },
    unread: { operator: unreadOf(said, 'user'), visitor: unreadOf(said, 'operator') },
    assigned: assignedTo === undefined ? {} : { user_id: assignedTo },
    meta: metaView(conversation),
    created_at,
    updated_at,
    ...(waiting_since !== undefined && { waiting_since }),
  };
}

const unreadOf = (said: readonly Message[], by: Message['from']): number =>
  said.filter(({ from, read }) => from === by && read === undefined).length;

/** Since when the visitor has waited for an answer. The vendor only names the field: our assumption. */
function waitingSince(said: readonly Message[]): number | undefined {
  const answered = said.findLastIndex(({ from }) => from === 'operator');
  return said[answered + 1]?.timestamp;
}

/** A visitor as the list of those on the site shows them. */
export function visitorView({
  session_id,
  initiated,
  presence,
  meta,
  page,
}: Conversation): unknown {
  return {
    session_id,
    inbox_id: null,
    nickname: meta.nickname,
    email: meta.email,
    avatar: null,
    useragent: '',
    initiated: initiated !== false,
    active: presence === undefined,
    last_page: page ? { page_title: page.title, page_url: page.url } : {},
    geolocation: {},
    timezone: 0,
    capabilities: [],
    locales: [],
  };
}
