import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { Conversation } from '../../../core/intercom/api';
import { findOwnNote } from '../../../core/intercom/destination';
import { textToHtml } from '../../../core/text/html';
import { conversationField, textField, textOf, type Show } from '../../shared/actions';

/** The conversation, a text, and whether it is plain or HTML. */
export function bodyFields(show: Show, description: string, example: string): INodeProperties[] {
  return [
    conversationField(show, TRIGGER),
    textField(show, description, example),
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

export const TRIGGER = 'Intercom Conversation Trigger';

/**
 * The item's text as HTML, and how to find the note made of it in Intercom's answer.
 * @throws NodeOperationError when the text is empty
 */
export function bodyOf(context: IExecuteFunctions, item: number) {
  const text = textOf(context, item);
  const html = context.getNodeParameter('textIsHtml', item) ? text : textToHtml(text);
  const since = Date.now();
  return {
    html,
    find: (conversation: Conversation, adminId: string) =>
      findOwnNote(conversation, adminId, { html, since, otherNoteIds: [] }),
  };
}
