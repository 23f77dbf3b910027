import type { INodeProperties } from 'n8n-workflow';
import { isObject } from '../../../core/values';
import { isNobody } from '../../../core/identity';
import { answerText } from '../../../core/text/answer';
import { withoutReasoning } from '../../../core/text/reasoning';
import type { Item } from './run';

const conversation: INodeProperties = {
  displayName: 'Conversation ID',
  name: 'conversationId',
  type: 'string',
  required: true,
  default: '={{ $json.conversation_id }}',
};

export function conversationField(description: string): INodeProperties {
  return { ...conversation, description };
}

/** The item's conversation. @throws NodeOperationError when it names none */
export function conversationOf(item: Item): string {
  const id = item.id(conversation);
  // All items with a placeholder such as "undefined" would share one conversation.
  if (id !== null && !isNobody(id)) return id;
  throw item.fault(
    'This item names no conversation',
    'Set Conversation ID to the field of the item that holds it.',
  );
}

const note: INodeProperties = {
  displayName: 'Note ID',
  name: 'noteId',
  type: 'string',
  required: true,
  default: '={{ $json.note_id }}',
};

/** @param alias what the chat product calls the id */
export function noteField(alias: string): INodeProperties {
  return { ...note, description: `The ID from Post Note; ${alias}` };
}

/** The item's note. @throws NodeOperationError when it names none */
export function noteOf(item: Item): string {
  const id = item.id(note);
  if (id !== null) return id;
  throw item.fault(
    'This item names no note',
    'Set Note ID to the field of the item that holds it. A note whose ID the chat product did not tell when it was posted can only be taken away there.',
  );
}

const words: INodeProperties = {
  displayName: 'Text',
  name: 'text',
  type: 'string',
  typeOptions: { rows: 4 },
  required: true,
  default: '',
};

export function textField(description: string, example: string): INodeProperties {
  return { ...words, placeholder: `e.g. ${example}`, description };
}

/**
 * The item's text. As a rule a model wrote it: its reasoning is no part of it, and it may come as a list of blocks.
 * @throws NodeOperationError when it is empty, which a chat product would refuse, or no text at all
 */
export function textOf(item: Item): string {
  const given = item.raw(words);
  const said = isObject(given) || Array.isArray(given) ? answerText(given) : wordsOf(given);
  if (said?.trim()) return said;
  if (said === undefined) {
    throw item.fault(
      'The text is no text',
      'Set Text to the field of the item that holds the text itself, not to an object around it.',
    );
  }
  throw item.fault(
    'The text is empty',
    'Fill in Text; no chat product takes empty notes or messages. Where a model wrote it, there was nothing but its reasoning, or nothing at all.',
  );
}

/** The words of a text, a number or a switch; '' for nothing; undefined where an object was put into a text. */
function wordsOf(given: unknown): string | undefined {
  const said = String(given ?? '');
  return said.includes('[object Object]') ? undefined : withoutReasoning(said);
}

/** A field that only informs. */
export function notice(name: string, displayName: string): INodeProperties {
  return { displayName, name, type: 'notice', default: '' };
}

/** The fields below *Options*, which the panel shows last. */
export function optionsField(...options: INodeProperties[]): INodeProperties {
  return {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options,
  };
}

/** The field where the panel shows it for these choices, besides what else it depends on. */
export function shownFor(
  field: INodeProperties,
  show: Record<string, Array<string | boolean>>,
): INodeProperties {
  const { displayOptions } = field;
  return {
    ...field,
    displayOptions: { ...displayOptions, show: { ...show, ...displayOptions?.show } },
  };
}
