import type { Random } from '../random';
import { isContact, refOf } from './beginnings';
import type { Contact, Conversation, Part } from './records';

const PARTS_SHOWN = 500;
/** Encoding a long thread for every reply would be most of the work, so each part is encoded once. */
const encoded = new WeakMap<Part, { redacted: boolean; json: string }>();

function encodePart(part: Part): string {
  const known = encoded.get(part);
  if (known && known.redacted === part.redacted) return known.json;
  const json = JSON.stringify({
    ...partView(part),
    notified_at: part.created_at,
    assigned_to: null,
    external_id: null,
    email_message_metadata: null,
    app_package_code: null,
  });
  encoded.set(part, { redacted: part.redacted, json });
  return json;
}

/** A part as the API and notifications show it. */
export function partView({ options: _, tapped: _tapped, unsent: _unsent, ...part }: Part) {
  const body = part.body === '' ? null : part.body;
  return { ...part, body, metadata: part.metadata ?? {}, attachments: [] };
}

const CHANGES_NO_STATE: readonly string[] = ['note', 'assignment'];

/** A message, of the contact or an admin, opens a conversation again; a note does not. */
export function stateOf({ parts }: Conversation) {
  const last = parts.findLast(({ part_type }) => !CHANGES_NO_STATE.includes(part_type))?.part_type;
  const state = last === 'close' ? 'closed' : last === 'snoozed' ? 'snoozed' : 'open';
  return { open: state !== 'closed', state };
}

/** Since when the contact has waited for an answer; null when the team wrote last. */
export function waitingSince({ parts, source, created_at }: Conversation): number | null {
  const said = parts.filter(({ part_type }) => ['comment', 'quick_reply'].includes(part_type));
  const answered = said.findLastIndex(({ author }) => !isContact(author));
  const since = said[answered + 1]?.created_at ?? null;
  return answered < 0 && isContact(source.author) ? created_at : since;
}

/** Whether the AI agent has written in a conversation. */
export function hasAgent({ parts, source }: Conversation): boolean {
  return [source, ...parts].some(({ author }) => author.from_ai_agent === true);
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
    waiting_since: waitingSince(conversation),
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
    admin_assignee_id: conversation.assigneeId ? Number(conversation.assigneeId) : null,
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
    ai_agent_participated: hasAgent(conversation),
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
