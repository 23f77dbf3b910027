import type { INodeProperties } from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import type { AdminReply } from '../../../core/intercom/api';
import { sendOnce } from '../../../core/intercom/send';
import { textToHtml } from '../../../core/text/html';
import type { Intercom } from '../../shared/intercom';
import { nameOfSending, once } from '../../shared/once';
import { conversationField, notice, textOf } from '../../shared/operations/fields';
import type { Item } from '../../shared/operations/run';
import { authorOf } from './author';

export const conversation = conversationField(
  'The ID from Intercom Conversation Trigger or Session Memory',
);

const isHtml: INodeProperties = {
  displayName: 'Text Is HTML',
  name: 'textIsHtml',
  type: 'boolean',
  default: false,
  description: 'Whether the text is HTML. Switched off, tags are shown as text.',
};

/** What follows the text of a note or reply. Retry On Fail is in the node's settings. */
export const sendingFields: readonly INodeProperties[] = [
  isHtml,
  notice(
    'retryNotice',
    '<b>Retry On Fail</b> repeats only what was not sent. But after a restart of n8n, retrying a failed execution sends all its items again, because Intercom cannot recognize repeated messages.',
  ),
];

/**
 * Sends the item's text, once, however often n8n carries the step out again.
 * @returns the id of what was sent; null when Intercom's answer does not tell it
 * @throws NodeOperationError when the text is empty; as {@link sendOnce}
 */
export async function sendItem(
  item: Item,
  conversationId: string,
  { api, adminId }: Intercom,
  messageType: AdminReply['message_type'],
): Promise<string | null> {
  const author = await adminId(authorOf(item));
  const text = textOf(item);
  const body = item.isOn(isHtml) ? text : textToHtml(text);
  const reply = { message_type: messageType, admin_id: author, body };
  const name = nameOfSending(item.context, item.index, conversationId, messageType, text);
  return await once(name, (triedAt) =>
    sendOnce(api, conversationId, reply, systemClock.now(), triedAt),
  );
}
