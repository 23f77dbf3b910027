import { apiError, invalid } from './errors';
import { requiredText } from './fields';
import type { Author, Conversation } from './records';
import type { Store } from './store';

type Body = Record<string, unknown>;

/**
 * `POST /conversations/{id}/reply` by an admin: a note or a comment.
 *
 * @returns the conversation, with the new part in it
 * @throws ApiError 400 for missing and wrong fields, 404 for an unknown conversation or admin
 */
export function replyTo(store: Store, id: string, body: Body): Conversation {
  const messageType = requiredText(body, 'message_type');
  if (requiredText(body, 'type') !== 'admin') throw invalid('type', 'must be admin');
  if (messageType !== 'comment' && messageType !== 'note') {
    throw invalid('message_type', 'must be comment or note');
  }
  const conversation = store.conversation(id);
  store.addPart(conversation, messageType, adminAuthor(store, body), requiredText(body, 'body'));
  return conversation;
}

/** @throws ApiError 404 for an admin that does not exist, 400 for none */
export function adminAuthor(store: Store, body: Body): Author {
  const id = requiredText(body, 'admin_id');
  const admin = store.admins.find((one) => one.id === id);
  if (!admin) throw apiError(404, 'admin_not_found', 'Admin for admin_id not found', 'admin_id');
  return { type: 'admin', ...admin };
}
