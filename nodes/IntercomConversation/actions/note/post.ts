import type { INodeProperties } from 'n8n-workflow';
import type { Execute } from '../../../shared/actions';
import { intercomFor } from '../../../shared/intercom';
import { eachItem, passedOn } from '../../../shared/items';
import { bodyFields, retryNotice, sendItem } from '../fields';

const show = { resource: ['note'], operation: ['post'] };

export const fields: INodeProperties[] = [
  ...bodyFields(show, 'What the note says', 'Has been on the pricing page three times today'),
  retryNotice(show),
];

/** Each item with the `note_id`; null when Intercom's answer does not tell which note is ours. */
export const execute: Execute = async function () {
  const prepare = () => intercomFor(this);
  const items = await eachItem(this, prepare, async (intercom, { json }, item) => {
    const { conversationId, partId } = await sendItem(this, intercom, item, 'note');
    const ids = { conversation_id: conversationId, note_id: partId };
    return [{ json: { ...passedOn(this, json), ...ids } }];
  });
  return [items];
};
