import { htmlToText } from '../intercom/html';
import type { BotCall } from './botCalls';

/** Which chat product a conversation is in. */
export type ChatName = 'intercom' | 'crisp';

/** One line of a thread. */
export interface Entry {
  id: string;
  /** Who sees it: `message` is the visitor's, `reply` the operator's, the others only operators see. */
  kind: 'message' | 'reply' | 'activity' | 'summary' | 'note';
  /** HTML of a few tags. A text from Crisp has been escaped and its Markdown put into such tags. */
  body: string;
  /** Epoch milliseconds. */
  at: number;
  author: string;
  redacted: boolean;
  edited: boolean;
  /** Sent by a program, and marked so for the visitor. */
  automated: boolean;
  /** Address of the author's picture, to be named, never to be loaded. */
  avatar: string | null;
  /** The call to the model that gave this answer; null for everything else. */
  call: BotCall | null;
}

/** A conversation as the list shows it. */
export interface ListEntry {
  id: string;
  chat: ChatName;
  /** The demo visitor it belongs to, null for anybody else. */
  personId: string | null;
  name: string;
  /** The latest thing said, as plain text. */
  preview: string;
  /** Whether that was said by the visitor or to them. */
  saidBy: 'visitor' | 'team';
  updatedAt: number;
  /** Whether an operator is typing. */
  typing: boolean;
  /** What is to be done about it, in products that keep track of that. */
  state: 'pending' | 'unresolved' | 'resolved' | null;
}

export interface Thread extends ListEntry {
  email: string | null;
  /** Oldest first. */
  entries: Entry[];
}

/** Notes are told apart by how they are written: both kinds have a header, one then lists actions. */
export function noteKind(body: string): 'activity' | 'summary' | 'note' {
  const text = htmlToText(body);
  if (!/^session_id:/.test(text)) return 'note';
  return /^\[\d+\] /m.test(text) ? 'activity' : 'summary';
}

/** The beginning of a body as plain text. */
export function previewOf(body: string): string {
  return htmlToText(body).slice(0, 120);
}
