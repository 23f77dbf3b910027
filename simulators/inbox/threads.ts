import { htmlToText } from '../intercom/html';
import type { BotCall } from './botCalls';

/** Which chat product a conversation is in. */
export type ChatName = 'intercom' | 'crisp';

/** A button under a message, which the visitor can tap. */
export interface Choice {
  /** Of the choice, unique within its message. */
  id: string;
  label: string;
  chosen: boolean;
}

/** One line of a thread. */
export interface Entry {
  id: string;
  /** `message` is the visitor's, `reply` an operator's; the others are notes, which only operators see. */
  kind: 'message' | 'reply' | 'activity' | 'summary' | 'note';
  /** '' for buttons alone. HTML of a few tags. A text from Crisp is escaped, with its Markdown as such tags. */
  body: string;
  /** Epoch milliseconds. */
  at: number;
  author: string;
  redacted: boolean;
  edited: boolean;
  /** Sent by a program and marked as such for the visitor. */
  automated: boolean;
  /** Empty for most entries. */
  choices: Choice[];
  /** Whether the visitor can still tap one of them. */
  open: boolean;
  /** Address of the author's picture. The page names it and never loads it. */
  avatar: string | null;
  /** The call to the model behind this answer; null for other entries. */
  call: BotCall | null;
}

/** A conversation as the list shows it. */
export interface ListEntry {
  id: string;
  chat: ChatName;
  /** The demo visitor it belongs to; null for other visitors. */
  personId: string | null;
  name: string;
  /** The latest thing said, as plain text. */
  preview: string;
  /** Who said it. */
  saidBy: 'visitor' | 'team';
  /** Whether the latest thing said has choices, none of them taken. */
  offer: boolean;
  updatedAt: number;
  /** Whether the bot shows that it is typing. */
  typing: boolean;
  /** Until when the bot does not answer, because an operator wrote, in epoch milliseconds; null when it answers. */
  silentUntil: number | null;
  /** The conversation's state, in products that have one. */
  state: 'pending' | 'unresolved' | 'resolved' | null;
}

export interface Thread extends ListEntry {
  email: string | null;
  /** Oldest first. */
  entries: Entry[];
}

/**
 * The kind of a note, from its text: in Autoplay's form both of ours begin with a header, in other forms the session
 * comes last. An activity note lists actions, by number or by time.
 */
export function noteKind(body: string): 'activity' | 'summary' | 'note' {
  const text = htmlToText(body);
  if (!/^session_id:/m.test(text)) return 'note';
  return /^(?:\[\d+\]|\d\d:\d\d ·) /m.test(text) ? 'activity' : 'summary';
}

/** The beginning of a body as plain text. */
export function previewOf(body: string): string {
  return htmlToText(body).slice(0, 120);
}

/** Whether something can be chosen, and nothing was. */
export function isOpen(choices: readonly Choice[]): boolean {
  return choices.length > 0 && !choices.some(({ chosen }) => chosen);
}
