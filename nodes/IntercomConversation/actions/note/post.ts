import type { INodeProperties } from 'n8n-workflow';
import { conversationOf, type Execute } from '../../../shared/actions';
import { intercomFor } from '../../../shared/intercom';
import { eachItem, passedOn } from '../../../shared/items';
import { bodyFields, bodyOf } from '../fields';

const show = { resource: ['note'], operation: ['post'] };

export const fields: INodeProperties[] = bodyFields(
  show,
  'What the note says',
  'Has been on the pricing page three times today',
);

/** Each item with the `note_id`; null when Intercom's answer does not tell which note is ours. */
export const execute: Execute = async function () {
  const prepare = () => intercomFor(this);
  const items = await eachItem(this, prepare, async ({ api, adminId }, { json }, item) => {
    const conversationId = conversationOf(this, item);
    const author = await adminId(this.getNodeParameter('adminId', item, '') as string);
    const { html, find } = bodyOf(this, item);
    const reply = { message_type: 'note' as const, admin_id: author, body: html };
    const conversation = await api.reply(conversationId, reply);
    const noteId = find(conversation, author);
    return [
      { json: { ...passedOn(this, json), conversation_id: conversationId, note_id: noteId } },
    ];
  });
  return [items];
};
