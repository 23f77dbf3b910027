import type { INodeProperties } from 'n8n-workflow';
import { conversationOf, type Execute } from '../../../shared/actions';
import { intercomFor } from '../../../shared/intercom';
import { eachItem, passedOn } from '../../../shared/items';
import { bodyFields, bodyOf } from '../fields';

const show = { resource: ['message'], operation: ['reply'] };

export const fields: INodeProperties[] = bodyFields(
  show,
  'What the visitor is told',
  'Thanks for asking, we are looking into it',
);

/** Each item once its message is sent. */
export const execute: Execute = async function () {
  const prepare = () => intercomFor(this);
  const items = await eachItem(this, prepare, async ({ api, adminId }, { json }, item) => {
    const conversationId = conversationOf(this, item);
    const author = await adminId(this.getNodeParameter('adminId', item, '') as string);
    const { html } = bodyOf(this, item);
    const reply = { message_type: 'comment' as const, admin_id: author, body: html };
    await api.reply(conversationId, reply);
    return [{ json: { ...passedOn(this, json), conversation_id: conversationId } }];
  });
  return [items];
};
