import { createHmac } from 'node:crypto';

import { isContact } from './beginnings';
import { htmlToText } from './html';
import type { Quirks } from './quirks';
import type { Contact, Part } from './records';
import type { Change } from './store';
import { isSince } from './versions';
import { conversationView, partView } from './views';

export type Topic =
  | 'conversation.user.created'
  | 'conversation.user.replied'
  | 'conversation.admin.single.created'
  | 'conversation.admin.replied'
  | 'conversation.admin.noted'
  | 'conversation.admin.closed'
  | 'conversation.admin.snoozed'
  | 'conversation.admin.opened'
  | 'conversation.admin.unsnoozed'
  | 'conversation.admin.assigned'
  | 'conversation.operator.replied'
  | 'conversation.deleted';

/** The topics of what teammates do. */
const TOPICS: Record<Part['part_type'], Topic> = {
  note: 'conversation.admin.noted',
  comment: 'conversation.admin.replied',
  // The changelog lists no topic for quick replies: our assumption.
  quick_reply: 'conversation.admin.replied',
  assignment: 'conversation.admin.assigned',
  close: 'conversation.admin.closed',
  snoozed: 'conversation.admin.snoozed',
  open: 'conversation.admin.opened',
  unsnoozed: 'conversation.admin.unsnoozed',
};

/** Which hash signs a notification. The vendor uses SHA-1; its tutorial for partners speaks of SHA-256. */
export type Algorithms = 'sha1' | 'sha256' | 'both';

/** A notification before it is sent; `delivery_attempts` is filled in with each attempt. */
export interface Notification {
  type: 'notification_event';
  app_id: string;
  id: string;
  topic: Topic | 'ping';
  created_at: number;
  delivery_attempts: number;
  data: { type: 'notification_event_data'; item: unknown };
}

/** The topic of a change; undefined when Intercom sends no notification for it. */
export function topicOf(
  change: Change,
  { answerTopic }: Pick<Quirks, 'answerTopic'>,
): Topic | undefined {
  if (change.kind === 'deleted') return 'conversation.deleted';
  if (change.kind === 'conversation-created') {
    const { author, delivered_as } = change.conversation.source;
    if (isContact(author)) return 'conversation.user.created';
    // Intercom sends nothing about conversations that campaigns and bots start, until a contact answers.
    return delivered_as === 'admin_initiated' ? 'conversation.admin.single.created' : undefined;
  }
  if (change.kind !== 'part-created') return undefined;
  const { conversation, part } = change;
  if (isContact(part.author)) {
    const isFirst = conversation.byAnswer && conversation.parts[0] === part;
    return isFirst ? answerTopic : 'conversation.user.replied';
  }
  return part.author.type === 'bot' ? 'conversation.operator.replied' : TOPICS[part.part_type];
}

/** A change of a conversation. */
export type ConversationChange = Extract<Change, { conversation: unknown }>;

/**
 * The conversation as a notification carries it: of its parts only the new one.
 *
 * @param version the app's API version, which decides what a notification looks like whatever the calls ask for: parts
 *   have metadata from 2.14 on, and bodies are plain text from 2.15 on
 * @param bare without even that one part
 */
export function notificationItem(
  change: ConversationChange,
  contact: Contact,
  version: string,
  bare = false,
): unknown {
  // Of a deleted one, only its id is left: our assumption.
  if (change.kind === 'deleted') return { type: 'conversation', id: change.conversation.id };
  const view = conversationView(change.conversation, contact);
  const shown = (html: string | null): string | null =>
    html !== null && isSince(version, '2.15') ? htmlToText(html) : html;
  const part = 'part' in change && !bare ? change.part : undefined;
  const parts = part ? [{ ...partView(part), body: shown(part.body) }] : [];
  return {
    ...view,
    source: { ...view.source, body: shown(view.source.body) },
    conversation_parts: {
      type: 'conversation_part.list',
      conversation_parts: isSince(version, '2.14') ? parts : parts.map(withoutMetadata),
      total_count: parts.length,
    },
  };
}

function withoutMetadata<T extends { metadata: unknown }>({ metadata: _, ...part }: T) {
  return part;
}

/** The signature headers over exactly the bytes that are sent. */
export function signatureHeaders(
  rawBody: string,
  clientSecret: string,
  algorithms: Algorithms,
): Record<string, string> {
  const sign = (algorithm: 'sha1' | 'sha256'): string =>
    `${algorithm}=${createHmac(algorithm, clientSecret).update(rawBody).digest('hex')}`;
  return {
    ...(algorithms !== 'sha256' && { 'X-Hub-Signature': sign('sha1') }),
    ...(algorithms !== 'sha1' && { 'X-Hub-Signature-256': sign('sha256') }),
  };
}
