import { invalid } from './errors';
import type { MessageType } from './types';

const TYPES: readonly MessageType[] = [
  'text',
  'note',
  'file',
  'animation',
  'audio',
  'picker',
  'field',
  'carousel',
  'event',
];

/** What must be there in the content of each type, apart from texts and notes. */
const NEEDED: Partial<Record<MessageType, string[]>> = {
  file: ['name', 'url', 'type'],
  animation: ['url', 'type'],
  audio: ['url', 'type', 'duration'],
  picker: ['id', 'text', 'choices'],
  field: ['id', 'text', 'explain'],
  carousel: ['text', 'targets'],
  event: ['namespace'],
};

/** @throws ApiError 400 for a type that there is not */
export function messageType(value: unknown): MessageType {
  const type = TYPES.find((one) => one === value);
  if (!type) throw invalid(`type must be one of ${TYPES.join(', ')}`);
  return type;
}

/** @throws ApiError 400 for content that does not fit the message's type */
export function checkContent(type: MessageType, content: unknown): unknown {
  if (type === 'text' || type === 'note') {
    if (typeof content !== 'string' || content.trim() === '') {
      throw invalid(`content of a ${type} must be a string, and not empty`);
    }
    return content;
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw invalid(`content of a ${type} must be an object`);
  }
  const given = content as Record<string, unknown>;
  const lacking = (NEEDED[type] ?? []).filter((field) => given[field] === undefined);
  if (lacking.length > 0) throw invalid(`content lacks ${lacking.join(', ')}`);
  if (type === 'picker' && !isChoices(given.choices)) {
    throw invalid('choices must each have a value and a label');
  }
  return given;
}

/** A picker's content with the choice of that value selected, and no other. */
export function withChoice(content: unknown, value: string): unknown {
  const { choices, ...rest } = content as { choices: { value: string }[] };
  if (!choices.some((one) => one.value === value)) throw invalid(`There is no choice "${value}"`);
  return { ...rest, choices: choices.map((one) => ({ ...one, selected: one.value === value })) };
}

function isChoices(value: unknown): boolean {
  const ofChoice = (one: unknown): boolean => {
    const { value: given, label } = (one ?? {}) as Record<string, unknown>;
    return typeof given === 'string' && typeof label === 'string';
  };
  return Array.isArray(value) && value.length > 0 && value.every(ofChoice);
}
