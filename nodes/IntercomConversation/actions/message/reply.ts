import type { INodeProperties } from 'n8n-workflow';
import type { Execute } from '../../../shared/actions';
import { intercomFor } from '../../../shared/intercom';
import { eachItem, passedOn } from '../../../shared/items';
import { bodyFields, retryNotice, sendItem } from '../fields';

const show = { resource: ['message'], operation: ['reply'] };

export const fields: INodeProperties[] = [
  ...bodyFields(show, 'What the visitor is told', 'Thanks for asking, we are looking into it'),
  retryNotice(show),
];

/** Each item once its message is sent. */
export const execute: Execute = async function () {
  const prepare = () => intercomFor(this);
  const items = await eachItem(this, prepare, async (intercom, { json }, item) => {
    const { conversationId } = await sendItem(this, intercom, item, 'comment');
    return [{ json: { ...passedOn(this, json), conversation_id: conversationId } }];
  });
  return [items];
};
