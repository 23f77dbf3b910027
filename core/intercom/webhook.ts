import { fields, idOrNull, list, numberOrNull, text, textOrNull } from '../values';
import { hasValidSignature, isSecret } from '../http/signature';
import { personIdOrNull } from '../identity';
import { htmlWords } from '../text/html';

/** The topics of notifications that report what happens in conversations, by what that means for notes. */
export const INTERCOM_TOPICS = {
  created: 'conversation.user.created',
  replied: 'conversation.user.replied',
  teammateReplied: 'conversation.admin.replied',
  closed: 'conversation.admin.closed',
  snoozed: 'conversation.admin.snoozed',
  opened: 'conversation.admin.opened',
  unsnoozed: 'conversation.admin.unsnoozed',
} as const;

const ENDS: readonly string[] = [INTERCOM_TOPICS.closed, INTERCOM_TOPICS.snoozed];

/** The content of a notification, in the words that the rest of the package uses. */
export interface IntercomEvent {
  /** `notif_…`; the same when Intercom delivers it again. */
  notificationId: string;
  topic: string;
  /** `closed` where the conversation was closed or snoozed, else `message`: the visitor or a teammate wrote in it or opened it again. */
  event: 'message' | 'closed';
  conversation_id: string;
  /**
   * The external id of the contact who wrote, which is the `user_id` on the stream. Like `email` and `name` it is null
   * if the notification names no contact: a teammate, a bot or another contact is never taken for the visitor.
   */
  user_id: string | null;
  email: string | null;
  contact_id: string | null;
  name: string | null;
  /** What the visitor wrote, '' if the notification does not contain it; HTML or plain text, depending on the app's API version. */
  text: string;
  /**
   * The option of a quick reply that the visitor tapped: its UUID, and its text as plain text. Missing where they wrote, and in
   * notifications of apps with an API version below 2.14.
   */
  choice?: { value: string; label: string };
}

/**
 * Whether a delivery comes from Intercom. If both headers are present, `X-Hub-Signature-256` decides. Without a
 * configured secret, no delivery is accepted.
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

  // Old API versions have other names for the first message and for the people.
  const source = fields(item.source ?? item.conversation_message);
  const contacts = listOf(item.contacts ?? item.customers, 'contacts').map(fields);
  const oldUser = fields(item.user);
  // What a visitor wrote before is no news when a teammate writes or closes the conversation.
  const said = isOfTeammate(topic) ? undefined : saidLast(topic, source, item);
  const visitor = said ? fields(said.author) : starterAlone(source, contacts);
  const id = idOrNull(visitor.id);
  const contact = theirs(contacts, id);
  const user = id === null || id === idOrNull(oldUser.id) ? oldUser : {};
  return {
    notificationId: idOrNull(notification.id) ?? '',
    topic,
    event: ENDS.includes(topic) ? 'closed' : 'message',
    conversation_id: conversationId,
    user_id: personIdOrNull(contact.external_id) ?? personIdOrNull(user.user_id),
    email: personIdOrNull(visitor.email) ?? personIdOrNull(user.email),
    contact_id: id ?? idOrNull(contact.id) ?? idOrNull(user.id),
    name: textOrNull(visitor.name) ?? textOrNull(user.name),
    text: said ? words(said) : '',
    ...(said && choiceIn(said)),
  };
}

/** Intercom's changelog and its API description have different names for the option. */
function choiceIn(said: Fields): Pick<IntercomEvent, 'choice'> {
  const { quick_reply_option_uuid, quick_reply_uuid } = fields(said.metadata);
  const value = idOrNull(quick_reply_option_uuid) ?? idOrNull(quick_reply_uuid);
  return value === null ? {} : { choice: { value, label: htmlWords(words(said)) } };
}

type Fields = Record<string, unknown>;

function isOfTeammate(topic: string): boolean {
  return topic.startsWith('conversation.admin.');
}

/**
 * What a visitor said: the first message of a conversation that they opened, or else their latest part. Teammates, bots
 * and campaigns open conversations as well, and write in all of them.
 */
function saidLast(topic: string, source: Fields, item: Fields): Fields | undefined {
  if (topic === INTERCOM_TOPICS.created && isVisitor(fields(source.author))) return source;
  const parts = listOf(item.conversation_parts, 'conversation_parts')
    .map(fields)
    .filter(({ author }) => isVisitor(fields(author)));
  // Parts without words report that a contact did something, such as changing an attribute.
  const messages = parts.filter(
    (part) => words(part).trim() !== '' || list(part.attachments).length > 0,
  );
  return latest(messages) ?? latest(parts);
}

/** The contact who opened the conversation, if it has no other contact: only they can have replied. */
function starterAlone(source: Fields, contacts: readonly Fields[]): Fields {
  const author = fields(source.author);
  const isOther = contacts.some(({ id }) => idOrNull(id) !== idOrNull(author.id));
  return isVisitor(author) && contacts.length <= 1 && !isOther ? author : {};
}

/** Intercom documents no order of parts. */
function latest(parts: readonly Fields[]): Fields | undefined {
  const at = (part: Fields | undefined) => numberOrNull(part?.created_at) ?? 0;
  return parts.reduce<Fields | undefined>(
    (last, part) => (at(part) >= at(last) ? part : last),
    undefined,
  );
}

/** The contact with this id; without an id, the only one if there is one only. */
function theirs(contacts: readonly Fields[], id: string | null): Fields {
  const found = contacts.filter((contact) => id === null || idOrNull(contact.id) === id);
  return (found.length === 1 && found[0]) || {};
}

/** The body of a redacted message only says that it was deleted. An email may consist of a subject alone. */
function words({ redacted, body, subject }: Fields): string {
  return redacted === true ? '' : text(body) || text(subject);
}

/** A list of the API, which wraps most lists; those of old versions are bare. */
function listOf(value: unknown, name: string): unknown[] {
  return Array.isArray(value) ? list(value) : list(fields(value)[name]);
}

/** Whether an author is a visitor, not an admin, a team or a bot. */
function isVisitor(author: Fields): boolean {
  return ['user', 'lead', 'contact'].includes(text(author.type));
}
