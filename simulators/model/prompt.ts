/** What the model was given, whichever endpoint it came through. */
export interface Prompt {
  /**
   * Role and text of each message, in order; the parts of a message are joined. A tool's result has the
   * role `tool`; a call of a tool has no text.
   */
  messages: { role: string; text: string }[];
  /** The functions it may ask to be called. */
  tools: Tool[];
  /** Whether it must: `auto`, `none`, `required`, or the name of the tool. */
  toolChoice: string;
}

export interface Tool {
  name: string;
  description: string;
  /** A JSON schema of an object. */
  parameters: Record<string, unknown>;
}

/** The actions that a prompt lists, without their numbers, types and addresses. */
export function actionLines(text: string): string[] {
  return [...text.matchAll(/^[ \t>*-]*(?:\[\d+\]|\d+\.)[ \t]+(\S.*)$/gm)].map(([, line]) =>
    line!
      .replace(/^\[\d+\]\s*/, '')
      .replace(/^(?:pageview|click|submit|type|focus|blur):\s*/i, '')
      .replace(/\s+—\s+\S+$/, '')
      .trim(),
  );
}

const SUMMARY_LABEL =
  /^[\s#*<]*[^:.\n]{0,60}?\b(?:(?:previous|earlier|prior)[ _]summary|summary so far)\b[^:.\n]{0,60}(?::|$)[*>\s]*(.*)$/i;
const NUMBERED = /^\s*(?:\[\d+\]|\d+\.)\s/;
/** Found in the place of a summary when there is none: another label, a closing tag, a remark. */
const NO_SUMMARY = /^(?:<\/|#|\(?(?:none|nothing|n\/a)\b|.*:$)/i;

/** The text between the tags of that name, which fence data in a prompt. */
const FENCED = /<previous_summary>\s*([\s\S]*?)\s*<\/previous_summary>/i;

/**
 * The earlier summary inside a prompt: the text between its tags. Without tags, the text after a label
 * such as “Previous summary:”, up to the next blank line, numbered line or tag. Undefined without either.
 */
export function previousSummary(text: string): string | undefined {
  const fenced = FENCED.exec(text)?.[1];
  if (fenced !== undefined) return NO_SUMMARY.test(fenced) ? undefined : fenced || undefined;
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const label = SUMMARY_LABEL.exec(line);
    if (!label) continue;
    const below = lines.slice(index + 1);
    const sameLine = label[1]!.trim();
    while (sameLine === '' && below[0]?.trim() === '') below.shift();
    const end = below.findIndex(
      (one) => one.trim() === '' || NUMBERED.test(one) || /^\s*<\//.test(one),
    );
    const block = [sameLine, ...(end < 0 ? below : below.slice(0, end))];
    const summary = block.join(' ').trim();
    if (summary !== '' && !NO_SUMMARY.test(summary)) return summary;
  }
  return undefined;
}

/** A question of a visitor, with the record of what they did. */
interface ChatPrompt {
  activity: string;
  message: string;
}

const CHAT =
  /^#+[ \t]*current user activity[ \t]*\n+<activity>([^]*?)<\/activity>[^]*?<message>([^]*?)<\/message>/im;

/**
 * The activity and the question in the latest user message: below a heading “Current User Activity”, the
 * text between `<activity>` tags, and then the text between `<message>` tags. Undefined without them.
 */
export function chatPart({ messages }: Pick<Prompt, 'messages'>): ChatPrompt | undefined {
  const text = messages.findLast(({ role }) => role === 'user')?.text ?? '';
  const [, activity, message] = CHAT.exec(text) ?? [];
  if (activity === undefined || message === undefined) return undefined;
  return { activity: activity.trim(), message: message.trim() };
}

/** The message list of a chat completion, or of a response's `input` (text or list). */
export function messagesOf(list: unknown, instructions?: unknown): Prompt['messages'] {
  const entries = typeof list === 'string' ? [{ role: 'user', content: list }] : list;
  const messages = (Array.isArray(entries) ? (entries as unknown[]) : []).map((entry) => {
    const item = (entry ?? {}) as Record<string, unknown>;
    // In a response's input, tool calls and their results are not messages.
    if (item.type === 'function_call') return { role: 'assistant', text: '' };
    if (item.type === 'function_call_output') {
      return { role: 'tool', text: contentText(item.output) };
    }
    const role = typeof item.role === 'string' ? item.role : 'user';
    return { role, text: contentText(item.content) };
  });
  if (typeof instructions === 'string') messages.unshift({ role: 'system', text: instructions });
  return messages;
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as { text?: unknown }[])
    .map((part) => (typeof part?.text === 'string' ? part.text : ''))
    .join('\n');
}
