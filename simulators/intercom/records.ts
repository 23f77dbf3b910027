import type { Random } from '../random';
import { isContact, refOf } from './beginnings';
import type { DataConnector } from './connectors';

export interface Admin {
  id: string;
  name: string;
  email: string;
}

export interface Contact {
  id: string;
  external_id: string | null;
  email: string | null;
  name: string | null;
  role: 'user' | 'lead';
  /** Epoch seconds, as everywhere in the API. */
  created_at: number;
}

export interface Author {
  type: 'admin' | 'team' | 'bot' | 'user' | 'lead';
  id: string;
  name: string | null;
  email: string | null;
  /** Of bots. */
  from_ai_agent?: boolean;
  is_ai_answer?: boolean;
}

export interface Part {
  type: 'conversation_part';
  id: string;
  part_type: 'note' | 'comment' | 'open' | 'close' | 'snoozed' | 'unsnoozed';
  body: string;
  created_at: number;
  updated_at: number;
  author: Author;
  redacted: boolean;
  /** Of what was tapped instead of typed. */
  metadata?: { quick_reply_uuid: string };
}

/** A conversation's first message. */
export interface Source {
  id: string;
  body: string;
  author: Author;
  redacted: boolean;
  /** Missing for a message of a contact in the messenger. */
  delivered_as?: string;
  type?: 'conversation' | 'email';
  subject?: string;
}

export interface Conversation {
  id: string;
  created_at: number;
  updated_at: number;
  contactId: string;
  source: Source;
  /** The contacts of a group after the first, as far as the conversation names them. */
  joined?: { id: string; external_id: string | null }[];
  /** Missing for what is no ticket. */
  ticket?: { type: 'ticket'; id: string; category: 'Customer' };
  /** Oldest first; what the API shows is another matter. */
  parts: Part[];
}

/** Everything worth keeping from one run to the next. Plain JSON. */
export interface Snapshot {
  version: 1;
  contacts: Contact[];
  conversations: Conversation[];
  /** Missing in a snapshot from before there were any. */
  connectors?: DataConnector[];
  /** The last number given to anything. */
  sequence: number;
}

export const REDACTED_BODY = '<p><i>This message was deleted</i></p>';

const PARTS_SHOWN = 500;
/** Encoding a long thread for every reply would be most of the work, so each part is encoded once. */
const encoded = new WeakMap<Part, { redacted: boolean; json: string }>();

function encodePart(part: Part): string {
  const known = encoded.get(part);
  if (known && known.redacted === part.redacted) return known.json;
  const json = JSON.stringify({
    ...part,
    notified_at: part.created_at,
    assigned_to: null,
    attachments: [],
    external_id: null,
    metadata: part.metadata ?? {},
    email_message_metadata: null,
    app_package_code: null,
  });
  encoded.set(part, { redacted: part.redacted, json });
  return json;
}

/** A message, of the contact or an admin, opens a conversation again; a note does not. */
function stateOf({ parts }: Conversation) {
  const last = parts.findLast(({ part_type }) => part_type !== 'note')?.part_type;
  const state = last === 'close' ? 'closed' : last === 'snoozed' ? 'snoozed' : 'open';
  return { open: state !== 'closed', state };
}

/** A conversation without its parts, as lists show it. */
export function conversationView(conversation: Conversation, contact: Contact) {
  const { source } = conversation;
  const firstReply = conversation.parts.find(({ author }) => isContact(author));
  return {
    type: 'conversation',
    id: conversation.id,
    created_at: conversation.created_at,
    updated_at: conversation.updated_at,
    waiting_since: null,
    snoozed_until: null,
    source: {
      type: source.type ?? 'conversation',
      id: source.id,
      delivered_as: source.delivered_as ?? 'customer_initiated',
      subject: source.subject ?? '',
      body: source.body,
      author: source.author,
      attachments: [],
      url: null,
      redacted: source.redacted,
    },
    contacts: {
      type: 'contact.list',
      contacts: [refOf(contact), ...(conversation.joined ?? [])].map((one) => ({
        type: 'contact',
        ...one,
      })),
    },
    first_contact_reply: firstReply
      ? { type: 'conversation', created_at: firstReply.created_at, url: null }
      : null,
    admin_assignee_id: null,
    team_assignee_id: null,
    ...stateOf(conversation),
    read: false,
    tags: { type: 'tag.list', tags: [] },
    priority: 'not_priority',
    sla_applied: null,
    statistics: null,
    conversation_rating: null,
    teammates: null,
    title: null,
    custom_attributes: {},
    topics: {},
    ticket: null,
    linked_objects: {
      type: 'list',
      data: conversation.ticket ? [conversation.ticket] : [],
      total_count: conversation.ticket ? 1 : 0,
      has_more: false,
    },
    ai_agent: null,
    ai_agent_participated: source.author.from_ai_agent ?? false,
  };
}

/**
 * The JSON of a conversation with its 500 newest parts, in no order: none is promised, and a client
 * that counts on one should find out here.
 */
export function conversationJson(
  conversation: Conversation,
  contact: Contact,
  random: Random,
): string {
  const parts = conversation.parts.slice(-PARTS_SHOWN);
  for (let last = parts.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [parts[last], parts[other]] = [parts[other]!, parts[last]!];
  }
  const head = JSON.stringify(conversationView(conversation, contact)).slice(0, -1);
  const list = parts.map(encodePart).join(',');
  const total = conversation.parts.length;
  return `${head},"conversation_parts":{"type":"conversation_part.list","conversation_parts":[${list}],"total_count":${total}}}`;
}
