import { chatPart, type Prompt, type Tool } from './prompt';

/** A call of a tool that the model asks for; its caller carries it out and sends the outcome back. */
export interface ToolCall {
  /** By which its outcome refers to it. */
  id: string;
  name: string;
  /** A JSON object, as text. */
  arguments: string;
}

interface Property {
  type?: unknown;
  enum?: unknown;
}

/**
 * The call with which a prompt is answered. A model would think about it; this one takes the first tool for which it
 * finds an argument in the question (or which takes none), once a question, and always one if it must.
 */
export function callFor(prompt: Prompt): Omit<ToolCall, 'id'> | undefined {
  const { tools, toolChoice } = prompt;
  const isForced = toolChoice !== 'auto';
  if (toolChoice === 'none' || (!isForced && outcomeOf(prompt) !== undefined)) return undefined;
  const question = questionOf(prompt);
  const offered = tools.filter(({ name }) => name === toolChoice);
  for (const tool of offered.length > 0 ? offered : tools) {
    const values = argumentsFrom(question, tool);
    if (values) return { name: tool.name, arguments: JSON.stringify(values) };
  }
  const lists = offered.length > 0 ? undefined : tools.find(({ name }) => /list/i.test(name));
  if (lists && ABOUT_ALL.test(question)) return { name: lists.name, arguments: '{}' };
  const [first] = isForced ? (offered.length > 0 ? offered : tools) : [];
  return first && { name: first.name, arguments: '{}' };
}

/** Questions about no visitor in particular. */
const ABOUT_ALL = /\b(?:who|anybody|anyone|everybody|everyone|stuck|visitors|sessions)\b/i;

/** A session, as a tool lists it. */
export interface Listed {
  who: string;
  /** What they did last, in words; '' if unknown. */
  last: string;
}

/** The sessions that tools have listed since the latest question; undefined when none has listed any. */
export function sessionsListed({ messages }: Prompt): Listed[] | undefined {
  const since = messages.findLastIndex(({ role }) => role === 'user');
  const told = messages.slice(since + 1).filter(({ role }) => role === 'tool');
  return told.map(({ text }) => sessionsIn(parsed(text))).find((found) => found !== undefined);
}

function sessionsIn(value: unknown): Listed[] | undefined {
  if (typeof value === 'string')
    return value.startsWith('{') ? sessionsIn(parsed(value)) : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const { sessions } = value as { sessions?: unknown };
  if (!Array.isArray(sessions)) {
    return Object.values(value)
      .map(sessionsIn)
      .find((found) => found !== undefined);
  }
  return (sessions as Record<string, unknown>[]).map((one) => ({
    who: String(one.email ?? one.user_id ?? one.session_id),
    last: typeof one.last_action === 'string' ? one.last_action : '',
  }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What tools said since the latest question, as plain text; undefined when none was called. */
export function outcomeOf({ messages }: Prompt): string | undefined {
  const since = messages.findLastIndex(({ role }) => role === 'user');
  const told = messages.slice(since + 1).filter(({ role }) => role === 'tool');
  return told.length > 0 ? told.map(({ text }) => plain(text)).join('\n') : undefined;
}

/** The latest question, without a record that comes with it. */
function questionOf(prompt: Prompt): string {
  const { messages } = prompt;
  return chatPart(prompt)?.message ?? messages.findLast(({ role }) => role === 'user')?.text ?? '';
}

/** Arguments for the properties that the question names or that are required; undefined without any. */
function argumentsFrom(
  question: string,
  { parameters }: Tool,
): Record<string, unknown> | undefined {
  const { properties = {}, required = [] } = parameters as {
    properties?: Record<string, Property>;
    required?: string[];
  };
  const values: Record<string, unknown> = {};
  let found = Object.keys(properties).length === 0;
  for (const [name, property] of Object.entries(properties)) {
    const isRequired = required.includes(name);
    const value = valueFor(name, property, question, isRequired);
    found ||= value !== undefined;
    if (value !== undefined) values[name] = value;
    // Where a value has to be there, models make up an empty one.
    else if (isRequired) values[name] = property.type === 'number' ? 0 : '';
  }
  return found ? values : undefined;
}

const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/;

function valueFor(
  name: string,
  { type, enum: choices }: Property,
  question: string,
  isRequired: boolean,
): unknown {
  if (Array.isArray(choices)) return choices.find((choice) => question.includes(String(choice)));
  if (/e_?mail/i.test(name)) return EMAIL.exec(question)?.[0];
  const whose = /^(\w+?)_?id$/i.exec(name)?.[1];
  // An id has a digit, as a rule; “the session of …” names none.
  if (whose) {
    return new RegExp(`\\b${whose}(?:[ _]?id)?[ :]+([\\w-]*\\d[\\w-]*)`, 'i').exec(question)?.[1];
  }
  if (!isRequired) return undefined;
  if (type === 'boolean') return true;
  if (type === 'string') return question;
  const number = /-?\d+(?:\.\d+)?/.exec(question)?.[0];
  return number === undefined ? undefined : Number(number);
}

/** The texts in what a tool said, which as a rule is JSON. */
function plain(text: string): string {
  const value = parsed(text);
  return value === undefined ? text : textsIn(value).join('\n');
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
