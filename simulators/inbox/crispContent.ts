import type { Message } from '../crisp';
import { markdownToHtml } from './markdown';

/** What a message of any type shows, as HTML that holds nothing but its text and light Markdown. */
export function messageHtml({ type, content }: Pick<Message, 'type' | 'content'>): string {
  return markdownToHtml(typeof content === 'string' ? content : describe(type, content));
}

function describe(type: Message['type'], content: unknown): string {
  const { text, choices, name, url } = (content ?? {}) as Record<string, unknown>;
  const lines = [text, name, url].filter((part) => typeof part === 'string' && part !== '');
  if (Array.isArray(choices)) lines.push(...choices.map(choice));
  return lines.length > 0 ? lines.join('\n') : `(${type})`;
}

function choice(offered: unknown): string {
  const { label, selected } = (offered ?? {}) as Record<string, unknown>;
  return `- ${String(label)}${selected === true ? ' (chosen)' : ''}`;
}
