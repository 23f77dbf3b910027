import type { Person } from '../connector';
import { apiError } from '../http/apiError';
import { isContact } from '../intercom/beginnings';
import type { Conversation, IntercomSimulator, Outreach, Part } from '../intercom';
import type { Chat } from './chat';
import { type Choice, type Entry, isOpen, type ListEntry, noteKind, previewOf } from './threads';

/** Before the id of a message that has no conversation yet, which the page shows as one. */
const MESSAGE = 'message-';

/** The simulated Intercom, seen from the inbox. */
export function intercomChat(intercom: IntercomSimulator, people: readonly Person[]): Chat {
  const listed = (
    id: string,
    contactId: string,
    said: Pick<Part, 'body' | 'author'>,
    more: Pick<ListEntry, 'updatedAt' | 'offer'>,
  ): ListEntry => {
    const contact = intercom.contact(contactId);
    return {
      id,
      chat: 'intercom',
      personId: people.find((one) => one.id === contact.external_id)?.id ?? null,
      name: contact.name ?? contact.email ?? 'Visitor',
      preview: previewOf(said.body),
      saidBy: isContact(said.author) ? 'visitor' : 'team',
      typing: false,
      silentUntil: null,
      state: null,
      ...more,
    };
  };
  const listEntry = (conversation: Conversation): ListEntry => {
    const { id, contactId, source, parts, updated_at } = conversation;
    const said =
      parts.findLast(({ part_type, body }) => part_type !== 'note' && body !== '') ?? source;
    const latest = parts.findLast(({ part_type }) => part_type !== 'note');
    const offer = latest !== undefined && isOpen(choicesOf(latest, conversation));
    return listed(id, contactId, said, { updatedAt: updated_at * 1_000, offer });
  };
  const listMessage = (message: Outreach): ListEntry =>
    listed(MESSAGE + message.id, message.contactId, message, {
      updatedAt: message.created_at * 1_000,
      offer: true,
    });
  /** The message that an id of the page stands for. @throws ApiError 404 for one that was answered */
  const messageOf = (id: string): Outreach | undefined => {
    if (!id.startsWith(MESSAGE)) return undefined;
    const found = intercom.messages().find((one) => MESSAGE + one.id === id);
    if (!found) throw apiError(404, '', 'This message was answered');
    return found;
  };

  return {
    name: 'intercom',
    owns: (id) => /^(?:message-)?\d+$/.test(id),
    list: () => [
      ...intercom.conversations().map(listEntry),
      ...intercom.messages().map(listMessage),
    ],
    thread(id) {
      const message = messageOf(id);
      if (message) {
        const { email } = intercom.contact(message.contactId);
        const said = { ...message, part_type: 'comment' as const, redacted: false };
        return { ...listMessage(message), email, entries: [entry(said)] };
      }
      const conversation = intercom.conversation(id);
      const { source, created_at, parts } = conversation;
      // For Intercom the first message is not a part, but the inbox shows it like one.
      const first = entry({ ...source, created_at, part_type: 'comment' });
      return {
        ...listEntry(conversation),
        email: intercom.contact(conversation.contactId).email,
        entries: [first, ...parts.filter(isShown).map((part) => entry(part, conversation))],
      };
    },
    start({ id: external_id, name, email }, text) {
      return intercom.visitorStarts({ external_id, name, email, text }).id;
    },
    reply(id, text) {
      const message = messageOf(id);
      if (!message) return { id: intercom.visitorReplies(id, text).id, conversation: id };
      const part = intercom.visitorAnswers(message.id, text);
      const opened = intercom.conversations().find(({ parts }) => parts.includes(part));
      return { id: part.id, conversation: opened?.id ?? id };
    },
    choose: (id, _, uuid) => void intercom.visitorTaps(id, uuid),
    watch: (announce) =>
      intercom.onChange((change) => {
        if (change.kind === 'message-sent') return announce(listMessage(change.message));
        if (change.kind === 'restored' || change.kind === 'deleted') return announce(null);
        // A message that was answered is in its conversation now.
        const { byAnswer, parts } = change.conversation;
        announce(byAnswer && parts.length === 1 ? null : listEntry(change.conversation));
      }),
  };
}

type Said = Pick<Part, 'id' | 'part_type' | 'body' | 'created_at' | 'author' | 'redacted'> &
  Pick<Part, 'options'>;

/** An assignment says nothing. */
const isShown = ({ part_type }: Part): boolean => part_type !== 'assignment';

function entry(part: Said, within?: Conversation): Entry {
  return {
    id: part.id,
    kind: kindOf(part),
    body: part.body,
    at: part.created_at * 1_000,
    author: part.author.name ?? 'Visitor',
    redacted: part.redacted,
    edited: false,
    automated: false,
    choices: within ? choicesOf(part, within) : [],
    open: within !== undefined && !within.parts.some((one) => follows(one, part)),
    avatar: null,
    call: null,
  };
}

/** The messenger takes buttons away once the contact has said something. */
function follows(one: Part, { id }: Said): boolean {
  return isContact(one.author) && Number(one.id) > Number(id);
}

function choicesOf({ options = [] }: Said, { parts }: Conversation): Choice[] {
  return options.map(({ text, uuid }) => {
    return { id: uuid, label: text, chosen: parts.some(({ tapped }) => tapped === uuid) };
  });
}

function kindOf({ part_type, author, body }: Said): Entry['kind'] {
  if (isContact(author)) return 'message';
  return part_type === 'note' ? noteKind(body) : 'reply';
}
