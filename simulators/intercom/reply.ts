import { apiError, invalid, missing, notFound } from './errors';
import { requiredText } from './fields';
import type { Author, Contact, Conversation } from './records';
import { authorOf, type Store } from './store';

type Body = Record<string, unknown>;

/**
 * `POST /conversations/{id}/reply`: a note or comment by an admin, or a comment by a contact.
 *
 * @returns the conversation, with the new part in it
 * @throws ApiError 400 for what is missing or wrong, 404 for an unknown conversation, admin or contact
 */
export function replyTo(store: Store, id: string, body: Body): Conversation {
  const messageType = requiredText(body, 'message_type');
  const type = requiredText(body, 'type');
  if (type !== 'admin' && type !== 'user') throw invalid('type', 'must be admin or user');
  if (messageType !== 'comment' && !(messageType === 'note' && type === 'admin')) {
    throw invalid('message_type', 'must be comment, or note for an admin');
  }
  if (type === 'admin') {
    const conversation = store.conversation(id);
    store.addPart(conversation, messageType, adminAuthor(store, body), requiredText(body, 'body'));
    return conversation;
  }
  const contact = replyingContact(store, body);
  const conversation = id === 'last' ? lastOf(store, contact) : store.conversation(id);
  store.addPart(conversation, 'comment', authorOf(contact), requiredText(body, 'body'));
  return conversation;
}

/** @throws ApiError 404 for an admin that does not exist, 400 for none */
export function adminAuthor(store: Store, body: Body): Author {
  const id = requiredText(body, 'admin_id');
  const admin = store.admins.find((one) => one.id === id);
  if (!admin) throw apiError(404, 'admin_not_found', 'Admin for admin_id not found', 'admin_id');
  return { type: 'admin', ...admin };
}

function replyingContact(store: Store, body: Body): Contact {
  if (body.intercom_user_id) return store.contact(requiredText(body, 'intercom_user_id'));
  const external_id = body.user_id ? requiredText(body, 'user_id') : null;
  const email = body.email ? requiredText(body, 'email') : null;
  if (!external_id && !email) throw missing('intercom_user_id, user_id or email');
  const found = store.findContact({ external_id, email });
  if (!found) throw notFound('User');
  return found;
}

function lastOf(store: Store, { id }: Contact): Conversation {
  const last = store.conversations().find(({ contactId }) => contactId === id);
  if (!last) throw notFound('Resource');
  return last;
}
