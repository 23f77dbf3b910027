import {
  NodeOperationError,
  type IDisplayOptions,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeOutputConfiguration,
  type INodeProperties,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { idOrNull, isObject } from '../../core/values';
import { isNobody } from '../../core/identity';
import { answerText } from '../../core/text/answer';
import { withoutReasoning } from '../../core/text/reasoning';

export type Show = NonNullable<IDisplayOptions['show']>;

/** One output after the other, each with its items. */
export type Execute = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

/** What a node does with one of its resources. */
export interface Actions {
  /** The dropdown of operations. */
  operations: INodeProperties;
  fields: INodeProperties[];
  /** By the names of the operations. */
  execute: Record<string, Execute>;
}

/**
 * Carries out what the node's Resource and Operation say.
 * @throws NodeOperationError for an operation that there is not, as a workflow file made elsewhere may name
 */
export async function runAction(
  context: IExecuteFunctions,
  actions: Record<string, Actions>,
): Promise<INodeExecutionData[][]> {
  const resource = context.getNodeParameter('resource', 0);
  const operation = context.getNodeParameter('operation', 0);
  const execute = own(own(actions, resource)?.execute, operation);
  if (execute) return await execute.call(context);
  throw new NodeOperationError(
    context.getNode(),
    `This node cannot do "${operation}" with "${resource}"`,
    { description: 'Choose Resource and Operation anew in its panel.' },
  );
}

/** What a record holds under a name that comes from outside: not what every object has, such as a constructor. */
export function own<T>(record: Record<string, T> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** The outputs of an operation that has more than one. */
export interface Outputs {
  resource: string;
  operation: string;
  outputs: INodeOutputConfiguration[];
}

/** A node's outputs: those of its operation, or else one. */
export function outputsOf(...special: readonly Outputs[]): INodeTypeDescription['outputs'] {
  const cases = special.map(
    ({ resource, operation, outputs }) =>
      `$parameter.resource === '${resource}' && $parameter.operation === '${operation}' ? ${JSON.stringify(outputs)} : `,
  );
  return `={{ ${cases.join('')}['main'] }}`;
}

/** @param origin the node whose items name the conversation */
export function conversationField(show: Show, origin: string): INodeProperties {
  return {
    displayName: 'Conversation ID',
    name: 'conversationId',
    type: 'string',
    required: true,
    displayOptions: { show },
    default: '={{ $json.conversation_id }}',
    description: `As it comes out of the ${origin} or Session Memory`,
  };
}

/** The item's conversation. @throws NodeOperationError when it names none */
export function conversationOf(context: IExecuteFunctions, item: number): string {
  const id = idIn(context, 'conversationId', item);
  // A placeholder would be the conversation of everybody whose item lacks one.
  if (id !== '' && !isNobody(id)) return id;
  throw new NodeOperationError(context.getNode(), 'This item names no conversation', {
    itemIndex: item,
    description: 'Set Conversation ID to the field of the item that holds it.',
  });
}

/** The item's note. @throws NodeOperationError when it names none */
export function noteOf(context: IExecuteFunctions, item: number): string {
  const id = idIn(context, 'noteId', item);
  if (id !== '') return id;
  throw new NodeOperationError(context.getNode(), 'This item names no note', {
    itemIndex: item,
    description:
      'Set Note ID to the field of the item that holds it. A note whose ID the chat product did not tell when it was posted can only be taken away there.',
  });
}

/** '' for a field that the item lacks, or that holds no id. */
function idIn(context: IExecuteFunctions, parameter: string, item: number): string {
  return idOrNull(context.getNodeParameter(parameter, item, '')) ?? '';
}

export function textField(show: Show, description: string, example: string): INodeProperties {
  return {
    displayName: 'Text',
    name: 'text',
    type: 'string',
    typeOptions: { rows: 4 },
    required: true,
    displayOptions: { show },
    default: '',
    placeholder: `e.g. ${example}`,
    description,
  };
}

/**
 * The item's text. As a rule a model wrote it: its reasoning is no part of it, and it may come as a list of blocks.
 * @throws NodeOperationError when it is empty, which a chat product would refuse, or no text at all
 */
export function textOf(context: IExecuteFunctions, item: number): string {
  const given = context.getNodeParameter('text', item, '') as unknown;
  const said = isObject(given) || Array.isArray(given) ? answerText(given) : words(given);
  if (said?.trim()) return said;
  if (said === undefined) {
    throw new NodeOperationError(context.getNode(), 'The text is no text', {
      itemIndex: item,
      description:
        'Set Text to the field of the item that holds the text itself, not to an object around it.',
    });
  }
  throw new NodeOperationError(context.getNode(), 'The text is empty', {
    itemIndex: item,
    description:
      'Fill in Text; no chat product takes empty notes or messages. Where a model wrote it, there was nothing but its reasoning, or nothing at all.',
  });
}

/** The words of a text, a number or a switch; '' for nothing; undefined where an object was put into a text. */
function words(given: unknown): string | undefined {
  const said = String(given ?? '');
  return said.includes('[object Object]') ? undefined : withoutReasoning(said);
}
