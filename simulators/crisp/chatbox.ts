import { isSaid } from './store';
import type { Conversation, MessageType } from './types';

/** A choice as the chatbox shows it. */
export interface Choice {
  value: string;
  label: string;
  selected: boolean;
}

/** A message as a visitor sees it in the chatbox. */
export interface Seen {
  fingerprint: number;
  from: 'team' | 'visitor';
  type: MessageType;
  text: string;
  /** Of a picker, else empty. */
  choices: Choice[];
  /** Epoch milliseconds. */
  at: number;
}

/** Everything that a visitor sees, oldest first: no notes, no events, and nothing that was removed. */
export function seenIn({ messages }: Conversation): Seen[] {
  return messages.filter(isSaid).map(({ fingerprint, from, type, content, timestamp }) => {
    const { text = '' } = content as { text?: string };
    return {
      fingerprint,
      from: from === 'user' ? 'visitor' : 'team',
      type,
      text: typeof content === 'string' ? content : text,
      choices: choicesOf(content),
      at: timestamp,
    };
  });
}

/** The choices in the content of a picker; none in any other. */
export function choicesOf(content: unknown): Choice[] {
  const { choices } = (content ?? {}) as { choices?: unknown };
  if (!Array.isArray(choices)) return [];
  return (choices as Partial<Choice>[]).map(({ value, label, selected }) => ({
    value: String(value),
    label: String(label),
    selected: selected === true,
  }));
}
