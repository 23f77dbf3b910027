import {
  NodeOperationError,
  type IDisplayOptions,
  type IExecuteFunctions,
  type INodeProperties,
} from 'n8n-workflow';
import type { Conversation } from '../../../core/intercom/api';
import { findOwnNote } from '../../../core/intercom/destination';
import { textToHtml } from '../../../core/text/html';

type Show = NonNullable<IDisplayOptions['show']>;

export function conversationField(show: Show): INodeProperties {
  return {
    displayName: 'Conversation ID',
    name: 'conversationId',
    type: 'string',
    required: true,
    displayOptions: { show },
    default: '={{ $json.conversation_id }}',
    description: 'As it comes out of the Intercom Conversation Trigger or Session Memory',
  };
}

/** The item's conversation. @throws NodeOperationError when it names none */
export function conversationOf(context: IExecuteFunctions, item: number): string {
  const id = String(context.getNodeParameter('conversationId', item, '') ?? '').trim();
  if (id !== '') return id;
  throw new NodeOperationError(context.getNode(), 'This item names no conversation', {
    itemIndex: item,
    description: 'Set Conversation ID to the field of the item that holds it.',
  });
}

/** A text, and whether it is plain or HTML. */
export function bodyFields(show: Show, description: string): INodeProperties[] {
  return [
    {
      displayName: 'Text',
      name: 'text',
      type: 'string',
      typeOptions: { rows: 4 },
      required: true,
      displayOptions: { show },
      default: '',
      description,
    },
    {
      displayName: 'Text Is HTML',
      name: 'textIsHtml',
      type: 'boolean',
      displayOptions: { show },
      default: false,
      description:
        'Whether the text is sent as it is. Switched off, it is plain text: tags in it are shown, not obeyed.',
    },
  ];
}

/**
 * The item's text as HTML, and how to find the note made of it in Intercom's answer.
 * @throws NodeOperationError when the text is empty, which Intercom would refuse
 */
export function bodyOf(context: IExecuteFunctions, item: number) {
  const text = String(context.getNodeParameter('text', item));
  if (text.trim() === '') {
    throw new NodeOperationError(context.getNode(), 'The text is empty', {
      itemIndex: item,
      description: 'Fill in Text; Intercom does not take empty notes or messages.',
    });
  }
  const html = context.getNodeParameter('textIsHtml', item) ? text : textToHtml(text);
  const since = Date.now();
  return {
    html,
    find: (conversation: Conversation, adminId: string) =>
      findOwnNote(conversation, adminId, { html, since, otherNoteIds: [] }),
  };
}
