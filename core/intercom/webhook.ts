import { fields, idOrNull, list, text, textOrNull } from '../http/fields';
import { hasValidSignature, isSecret } from '../http/signature';

export const INTERCOM_TOPICS = ['conversation.user.created', 'conversation.user.replied'] as const;

/** What a notification says, in the words that the rest of the package uses. */
export interface IntercomEvent {
  /** `notif_…`; the same when Intercom delivers it again. */
  notificationId: string;
  topic: string;
  conversation_id: string;
  /** The contact's external id, which is the `user_id` on the stream. */
  user_id: string | null;
  email: string | null;
  contact_id: string | null;
  name: string | null;
  /** What the visitor wrote; HTML or plain text, depending on the app's API version. */
  text: string;
}

/**
 * Whether a delivery comes from Intercom. Closed when no secret is set.
 * `X-Hub-Signature-256` decides where both headers are present.
 *
 * @param rawBody the bytes as they arrived; JSON that was parsed and written again never verifies
 */
export function isFromIntercom(
  headers: Record<string, unknown>,
  rawBody: Buffer | undefined,
  clientSecret: string,
): boolean {
  if (!rawBody || !isSecret(clientSecret)) return false;
  const sha256 = headers['x-hub-signature-256'];
  if (sha256 !== undefined) return hasValidSignature('sha256', sha256, rawBody, clientSecret);
  return hasValidSignature('sha1', headers['x-hub-signature'], rawBody, clientSecret);
}

/** Reads a notification; undefined for anything that is not about a conversation (such as a ping). */
export function readIntercomEvent(body: unknown): IntercomEvent | undefined {
  const notification = fields(body);
  const topic = text(notification.topic);
  const item = fields(fields(notification.data).item);
  const conversationId = idOrNull(item.id);
  if (!topic.startsWith('conversation.') || conversationId === null) return undefined;

  const source = fields(item.source);
  const parts = list(fields(item.conversation_parts).conversation_parts).map(fields);
  const latest = parts.findLast((part) => isVisitor(fields(part.author)));
  const author = fields((latest ?? source).author);
  const contact = fields(list(fields(item.contacts).contacts)[0]);
  // Apps of old API versions name the user in another place.
  const oldUser = fields(item.user);
  return {
    notificationId: idOrNull(notification.id) ?? '',
    topic,
    conversation_id: conversationId,
    user_id: idOrNull(contact.external_id) ?? idOrNull(oldUser.user_id),
    email:
      idOrNull(author.email) ?? idOrNull(fields(source.author).email) ?? idOrNull(oldUser.email),
    contact_id: idOrNull(contact.id) ?? idOrNull(author.id) ?? idOrNull(oldUser.id),
    name: textOrNull(author.name) ?? textOrNull(fields(source.author).name),
    text: text((latest ?? source).body),
  };
}

/** What an admin or a bot wrote is not the visitor speaking. */
function isVisitor(author: Record<string, unknown>): boolean {
  return ['user', 'lead', 'contact'].includes(text(author.type));
}
