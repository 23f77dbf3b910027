import type { Call, Route } from './call';
import { apiError, invalid, missing, notFound } from './errors';
import { requiredText } from './fields';
import type { Contact } from './records';
import { adminAuthor } from './reply';
import { isSince } from './versions';

/** The description names the first; its examples and the official client have the second. */
const IN_APP: readonly unknown[] = ['in_app', 'inapp'];
/** Metadata of an event beyond this many keys are ignored. */
const MOST_METADATA = 10;

/** Messages and events that an app sends to contacts without a conversation. */
export const outreachRoutes: Route[] = [
  {
    method: 'POST',
    path: /^\/messages$/,
    handle(call) {
      const { store, body, quirks } = call;
      // Emails are not simulated.
      if (!IN_APP.includes(body.message_type)) throw invalid('message_type', 'must be in_app');
      const { body: text, create_conversation_without_contact_reply: opens = false } = body;
      if (typeof text !== 'string' || text.trim() === '') throw invalid('body', 'is required');
      if (typeof opens !== 'boolean') {
        throw invalid('create_conversation_without_contact_reply', 'must be a boolean');
      }
      const { author, awayMode } = senderOf(call);
      const to = recipientOf(call);
      const { message, conversation } = store.reachOut(to, author, text, opens);
      const { type, id, name, email } = author;
      return JSON.stringify({
        type: 'admin_message',
        id: message.id,
        created_at: message.created_at,
        body: message.body,
        message_type: 'inapp',
        owner: { type, id, name, email, away_mode_enabled: awayMode, away_mode_reassign: false },
        ...(conversation &&
          quirks.messageNamesConversation && { conversation_id: conversation.id }),
      });
    },
  },
  {
    method: 'POST',
    path: /^\/events$/,
    handle({ store, body }) {
      const event_name = requiredText(body, 'event_name');
      const { created_at, metadata = {} } = body;
      if (created_at === undefined) throw missing('created_at');
      if (!Number.isSafeInteger(created_at)) throw invalid('created_at', 'must be an integer');
      if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
        throw invalid('metadata', 'must be an object');
      }
      const { id } = personOf(body, store.contacts.all());
      const kept = Object.entries(metadata).slice(0, MOST_METADATA);
      store.outreach.track({
        event_name,
        created_at: created_at as number,
        contactId: id,
        metadata: Object.fromEntries(kept),
      });
      return { status: 202, json: '' };
    },
  },
];

function senderOf({ store, body }: Call) {
  const { type, id } = referenceOf(body, 'from');
  // A contact can send as well, which puts words into their mouth: not simulated.
  if (type !== 'admin') throw invalid('from.type', 'must be admin');
  const author = adminAuthor(store, { admin_id: id });
  return { author, awayMode: store.isAway(author.id) };
}

/** @throws ApiError 404 for an unknown contact, and one that is too new */
function recipientOf({ store, body, version }: Call): Contact {
  const { to } = body;
  if (Array.isArray(to) && !isSince(version, '2.14')) throw invalid('to', 'must be an object');
  // A group is not simulated.
  if (Array.isArray(to) && to.length !== 1) throw invalid('to', 'must be one contact');
  const { type, id } = referenceOf({ to: Array.isArray(to) ? (to[0] as unknown) : to }, 'to');
  if (type !== 'user' && type !== 'lead') throw invalid('to.type', 'must be user or lead');
  const found = store.contacts.searchable().find((one) => one.id === id);
  if (!found) throw notFound('User');
  return found;
}

function referenceOf(body: Call['body'], field: string): { type: unknown; id: unknown } {
  const value = body[field];
  if (value === undefined || value === null) throw missing(field);
  if (typeof value !== 'object') throw invalid(field, 'must be an object');
  const { type, id } = value as Record<string, unknown>;
  return { type, id };
}

/** @throws ApiError 404 for an unknown contact, 400 where none is named */
function personOf({ id, user_id, email }: Call['body'], all: readonly Contact[]): Contact {
  if ([id, user_id, email].every((one) => typeof one !== 'string')) {
    throw apiError(400, 'parameter_not_found', 'user_id, id or email is required');
  }
  const found = all.find(
    (one) =>
      (id !== undefined && one.id === id) ||
      (user_id !== undefined && one.external_id === user_id) ||
      (email !== undefined && one.email === email),
  );
  if (!found) throw notFound('User');
  return found;
}
