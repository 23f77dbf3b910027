import type { Message } from '../crisp';
import { choicesOf } from '../crisp/chatbox';
import { markdownToHtml } from './markdown';
import type { Choice } from './threads';

/** What a message of any type says, as HTML that holds nothing but its text and light Markdown. */
export function messageHtml({ type, content }: Pick<Message, 'type' | 'content'>): string {
  return markdownToHtml(typeof content === 'string' ? content : describe(type, content));
}

function describe(type: Message['type'], content: unknown): string {
  const { text, name, url } = (content ?? {}) as Record<string, unknown>;
  const lines = [text, name, url].filter((part) => typeof part === 'string' && part !== '');
  return lines.length > 0 ? lines.join('\n') : `(${type})`;
}

/** The buttons of a message. */
export function messageChoices({ content }: Pick<Message, 'content'>): Choice[] {
  return choicesOf(content).map(({ value, label, selected }) => {
    return { id: value, label, chosen: selected };
  });
}
