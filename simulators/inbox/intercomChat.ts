import type { Person } from '../connector';
import { isContact } from '../intercom/beginnings';
import type { Conversation, IntercomSimulator, Part } from '../intercom';
import type { Chat } from './chat';
import { type Entry, type ListEntry, noteKind, previewOf } from './threads';

/** The simulated Intercom, seen from the inbox. */
export function intercomChat(intercom: IntercomSimulator, people: readonly Person[]): Chat {
  const listEntry = (conversation: Conversation): ListEntry => {
    const contact = intercom.contact(conversation.contactId);
    const said =
      conversation.parts.findLast(({ part_type }) => part_type !== 'note') ?? conversation.source;
    return {
      id: conversation.id,
      chat: 'intercom',
      personId: people.find(({ id }) => id === contact.external_id)?.id ?? null,
      name: contact.name ?? contact.email ?? 'Visitor',
      preview: previewOf(said.body),
      saidBy: isContact(said.author) ? 'visitor' : 'team',
      updatedAt: conversation.updated_at * 1_000,
      typing: false,
      silentUntil: null,
      state: null,
    };
  };
  return {
    name: 'intercom',
    owns: (id) => /^\d+$/.test(id),
    list: () => intercom.conversations().map(listEntry),
    thread(id) {
      const conversation = intercom.conversation(id);
      const { source, created_at, parts } = conversation;
      // For Intercom the first message is not a part, but the inbox shows it like one.
      const first = entry({ ...source, created_at, part_type: 'comment' });
      return {
        ...listEntry(conversation),
        email: intercom.contact(conversation.contactId).email,
        entries: [first, ...parts.map(entry)],
      };
    },
    start({ id: external_id, name, email }, text) {
      return intercom.visitorStarts({ external_id, name, email, text }).id;
    },
    reply: (id, text) => intercom.visitorReplies(id, text).id,
    watch: (announce) =>
      intercom.onChange((change) =>
        announce(
          'conversation' in change && change.kind !== 'deleted'
            ? listEntry(change.conversation)
            : null,
        ),
      ),
  };
}

type Said = Pick<Part, 'id' | 'part_type' | 'body' | 'created_at' | 'author' | 'redacted'>;

function entry(part: Said): Entry {
  return {
    id: part.id,
    kind: kindOf(part),
    body: part.body,
    at: part.created_at * 1_000,
    author: part.author.name ?? 'Visitor',
    redacted: part.redacted,
    edited: false,
    automated: false,
    avatar: null,
    call: null,
  };
}

function kindOf({ part_type, author, body }: Said): Entry['kind'] {
  if (isContact(author)) return 'message';
  return part_type === 'note' ? noteKind(body) : 'reply';
}
