import { createHmac } from 'node:crypto';

import { isContact } from './beginnings';
import { htmlToText } from './html';
import { type Contact, conversationView, type Part } from './records';
import type { Change } from './store';

export type Topic =
  | 'conversation.user.created'
  | 'conversation.user.replied'
  | 'conversation.admin.single.created'
  | 'conversation.admin.replied'
  | 'conversation.admin.noted'
  | 'conversation.admin.closed'
  | 'conversation.admin.snoozed'
  | 'conversation.admin.opened'
  | 'conversation.admin.unsnoozed';

/** The topics of what teammates do. */
const TOPICS: Record<Part['part_type'], Topic> = {
  note: 'conversation.admin.noted',
  comment: 'conversation.admin.replied',
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
export function topicOf(change: Change): Topic | undefined {
  if (change.kind === 'conversation-created') {
    const { author, delivered_as } = change.conversation.source;
    if (isContact(author)) return 'conversation.user.created';
    // Intercom sends nothing about conversations that campaigns and bots start, until a contact answers.
    return delivered_as === 'admin_initiated' ? 'conversation.admin.single.created' : undefined;
  }
  if (change.kind !== 'part-created') return undefined;
  if (isContact(change.part.author)) return 'conversation.user.replied';
  return TOPICS[change.part.part_type];
}

/**
 * The conversation as a notification carries it: of its parts only the new one.
 *
 * @param plain bodies as plain text, as from API version 2.15 on
 * @param bare without even that one
 */
export function notificationItem(
  change: Change,
  contact: Contact,
  plain: boolean,
  bare = false,
): unknown {
  if (change.kind === 'restored') return null;
  const view = conversationView(change.conversation, contact);
  const shown = (html: string): string => (plain ? htmlToText(html) : html);
  const part = 'part' in change && !bare ? change.part : undefined;
  const parts = part ? [{ ...part, body: shown(part.body), attachments: [] }] : [];
  return {
    ...view,
    source: { ...view.source, body: shown(view.source.body) },
    conversation_parts: {
      type: 'conversation_part.list',
      conversation_parts: parts,
      total_count: parts.length,
    },
  };
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
