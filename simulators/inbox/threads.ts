import type { Person } from '../connector';
import type { Contact, Conversation, Part } from '../intercom';
import { htmlToText } from '../intercom/html';

/** One line of a thread. */
export interface Entry {
  id: string;
  /** Who sees it: `message` is the visitor's, `reply` the admin's, the others only admins see. */
  kind: 'message' | 'reply' | 'activity' | 'summary' | 'note';
  /** HTML as the API returns it. */
  body: string;
  /** Epoch milliseconds. */
  at: number;
  author: string;
  redacted: boolean;
}

/** A conversation as the list shows it. */
export interface ListEntry {
  id: string;
  /** The demo visitor it belongs to, null for anybody else. */
  personId: string | null;
  name: string;
  /** The latest thing said, as plain text. */
  preview: string;
  updatedAt: number;
}

export interface Thread extends ListEntry {
  email: string | null;
  /** Oldest first. */
  entries: Entry[];
}

/** A list entry for a conversation and its contact. */
export function listEntry(
  conversation: Conversation,
  contact: Contact,
  people: readonly Person[],
): ListEntry {
  const said = conversation.parts.findLast(({ part_type }) => part_type !== 'note');
  return {
    id: conversation.id,
    personId: people.find(({ id }) => id === contact.external_id)?.id ?? null,
    name: contact.name ?? contact.email ?? 'Visitor',
    preview: htmlToText((said ?? conversation.source).body).slice(0, 120),
    updatedAt: conversation.updated_at * 1_000,
  };
}

/** The whole thread, the first message included. */
export function thread(
  conversation: Conversation,
  contact: Contact,
  people: readonly Person[],
): Thread {
  const { source, created_at, parts } = conversation;
  const first: Entry = {
    id: source.id,
    kind: 'message',
    body: source.body,
    at: created_at * 1_000,
    author: source.author.name ?? 'Visitor',
    redacted: source.redacted,
  };
  const entries = [first, ...parts.map(entry)];
  return { ...listEntry(conversation, contact, people), email: contact.email, entries };
}

function entry(part: Part): Entry {
  return {
    id: part.id,
    kind: kindOf(part),
    body: part.body,
    at: part.created_at * 1_000,
    author: part.author.name ?? 'Visitor',
    redacted: part.redacted,
  };
}

/** Notes are told apart by how they are written: both kinds have a header, one then lists actions. */
function kindOf({ part_type, author, body }: Part): Entry['kind'] {
  if (author.type === 'user') return 'message';
  if (part_type !== 'note') return 'reply';
  const text = htmlToText(body);
  if (!/^session_id:/.test(text)) return 'note';
  return /^\[\d+\] /m.test(text) ? 'activity' : 'summary';
}
