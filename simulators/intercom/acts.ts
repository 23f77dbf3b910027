import { type Beginning, refOf, sourceOf } from './beginnings';
import { invalid } from './errors';
import { escapeHtml, textToHtml } from './html';
import { seenBy, type Seen } from './messenger';
import type { Quirks } from './quirks';
import type { Admin, Contact, Conversation, Part } from './records';
import { adminAuthor } from './reply';
import { authorOf, type NewContact, type Store } from './store';

/** How a visitor opens a conversation, if not by a message in the messenger. */
interface Opening {
  /** By email, with this subject. */
  subject?: string;
  /** By a ticket's form. */
  ticket?: boolean;
  /** The conversation's id. Default: the next one. */
  id?: string;
}

/** How a visitor replies, if not the first one in words. */
export interface Reply {
  /** Another contact, who joins the conversation. */
  by?: NewContact;
  /** The id of a button that was tapped, even of one that was never shown. */
  quickReply?: string;
}

/** What people do in Intercom's messenger and inbox. Unknown conversations and admins are an ApiError 404. */
export interface Acts {
  /** A visitor opens a conversation in the messenger; an unknown one becomes a contact. */
  visitorStarts(visitor: NewContact & { text: string } & Opening): Conversation;
  /** The conversation's visitor writes again. */
  visitorReplies(conversationId: string, text: string, how?: Reply): Part;
  /** A contact is on the site, where the messenger is. */
  visitorIsSeen(contactId: string): void;
  /** What a contact sees in the messenger, oldest first. */
  visitorSees(contactId: string): Seen[];
  /**
   * The visitor taps a button: a reply with its text. A second tap is another reply, as from a slow or second window.
   *
   * @throws ApiError 400 for a button that the visitor does not see in the conversation
   */
  visitorTaps(conversationId: string, uuid: string): Part;
  /** The visitor answers a message that has no conversation, which opens one. @throws ApiError 404 */
  visitorAnswers(messageId: string, text: string): Part;
  /** The workspace writes to a visitor first. */
  teamStarts(visitor: NewContact & { text: string; as: Beginning }): Conversation;
  /** A teammate writes a note in Intercom's own inbox. */
  adminNotes(conversationId: string, adminId: string, text: string): Part;
  /** A teammate writes to the visitor, or changes the conversation's state, which says nothing. */
  adminDoes(
    conversationId: string,
    adminId: string,
    does: 'comment' | 'open' | 'close' | 'snoozed' | 'unsnoozed',
    text?: string,
  ): Part;
  /** A teammate takes a conversation, or gives it back to nobody. */
  adminAssigns(conversationId: string, adminId: string, to?: string): Part;
  /** The AI agent writes to the visitor. */
  agentReplies(conversationId: string, text: string): Part;
}

const ONE_ADMIN = { id: '1', name: 'Team', email: 'team@northwindboards.example' };

export function createActs(store: Store, admins: readonly Admin[], quirks: Readonly<Quirks>): Acts {
  const { contacts } = store;
  const contactFor = (visitor: NewContact): Contact =>
    contacts.find(visitor) ?? contacts.add(visitor);
  const write = (conversationId: string, text: string, contact: Contact, tapped?: string): Part =>
    store.addPart(
      store.conversation(conversationId),
      'comment',
      authorOf(contact),
      escapeHtml(text),
      tapped === undefined ? {} : { tapped, metadata: { [quirks.tappedOption]: tapped } },
    );
  const visitorOf = (conversationId: string): Contact =>
    contacts.contact(store.conversation(conversationId).contactId);

  return {
    visitorStarts({ text, subject, ticket, id, ...visitor }) {
      const more = subject === undefined ? {} : { type: 'email' as const, subject };
      return store.start(contactFor(visitor), text, more, ticket, id);
    },
    visitorReplies(conversationId, text, { by, quickReply } = {}) {
      const conversation = store.conversation(conversationId);
      const contact = by ? contactFor(by) : visitorOf(conversationId);
      const { contactId, joined = [] } = conversation;
      const isThere = [contactId, ...joined.map(({ id }) => id)].includes(contact.id);
      if (!isThere) conversation.joined = [...joined, refOf(contact)];
      return write(conversationId, text, contact, quickReply);
    },
    visitorIsSeen: store.see,
    visitorSees: (contactId) => seenBy(contacts.contact(contactId), store),
    visitorTaps(conversationId, uuid) {
      const contact = visitorOf(conversationId);
      const option = seenBy(contact, store)
        .filter((seen) => seen.conversationId === conversationId)
        .flatMap(({ options }) => options)
        .find((one) => one.uuid === uuid);
      if (!option) throw invalid('uuid', 'is of no button');
      return write(conversationId, option.text, contact, uuid);
    },
    visitorAnswers(messageId, text) {
      const { id } = store.openMessage(messageId);
      return write(id, text, visitorOf(id));
    },
    teamStarts({ text, as, ...visitor }) {
      const admin = { type: 'admin' as const, ...(admins.at(-1) ?? ONE_ADMIN) };
      return store.start(contactFor(visitor), text, sourceOf(as, admin));
    },
    adminNotes(conversationId, adminId, text) {
      const author = adminAuthor(store, { admin_id: adminId });
      return store.addPart(store.conversation(conversationId), 'note', author, textToHtml(text));
    },
    adminDoes(conversationId, adminId, does, text = '') {
      const author = adminAuthor(store, { admin_id: adminId });
      return store.addPart(store.conversation(conversationId), does, author, textToHtml(text));
    },
    adminAssigns(conversationId, adminId, to) {
      const author = adminAuthor(store, { admin_id: adminId });
      return store.assign(store.conversation(conversationId), to, author);
    },
    agentReplies(conversationId, text) {
      const { author } = sourceOf('Fin', { type: 'bot', id: '', name: null, email: null });
      const to = store.conversation(conversationId);
      return store.addPart(to, 'comment', author, textToHtml(text));
    },
  };
}
