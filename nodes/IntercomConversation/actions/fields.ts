import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import { idOrNull } from '../../../core/values';
import type { AdminReply } from '../../../core/intercom/api';
import { sendOnce } from '../../../core/intercom/send';
import { textToHtml } from '../../../core/text/html';
import {
  conversationField,
  conversationOf,
  textField,
  textOf,
  type Show,
} from '../../shared/actions';
import type { Intercom } from '../../shared/intercom';
import { nameOfSending, once } from '../../shared/once';

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

/** What Intercom has no way to tell apart; Retry On Fail is in the node's settings. */
export function retryNotice(show: Show): INodeProperties {
  return {
    displayName:
      'With <b>Retry On Fail</b>, only what was not sent is sent again. Once n8n was restarted, having a failed execution tried again sends all of its items again: Intercom cannot tell a message that was sent before from a new one.',
    name: 'retryNotice',
    type: 'notice',
    displayOptions: { show },
    default: '',
  };
}

/**
 * Sends the item's text, once, however often n8n carries the step out again.
 * @returns the conversation, and the id of what was sent; null when Intercom's answer does not tell it
 * @throws NodeOperationError when the item names no conversation or the text is empty; as {@link sendOnce}
 */
export async function sendItem(
  context: IExecuteFunctions,
  { api, adminId }: Intercom,
  item: number,
  messageType: AdminReply['message_type'],
): Promise<{ conversationId: string; partId: string | null }> {
  const conversationId = conversationOf(context, item);
  const author = await adminId(authorOf(context, item));
  const text = textOf(context, item);
  const body = context.getNodeParameter('textIsHtml', item) ? text : textToHtml(text);
  const reply = { message_type: messageType, admin_id: author, body };
  const name = nameOfSending(context, item, conversationId, messageType, text);
  const partId = await once(name, (triedAt) =>
    sendOnce(api, conversationId, reply, systemClock.now(), triedAt),
  );
  return { conversationId, partId };
}

/** The admin that is chosen; '' for the token's own. An expression may give a number, or nothing. */
export function authorOf(context: IExecuteFunctions, item: number): string {
  return idOrNull(context.getNodeParameter('adminId', item, '')) ?? '';
}
