import type { INodeProperties } from 'n8n-workflow';
import { conversationField, conversationOf, noteOf, type Execute } from '../../../shared/actions';
import { crispFor } from '../../../shared/crisp';
import { eachItem, ifNotGone, passedOn } from '../../../shared/items';
import { TRIGGER } from '../fields';

const show = { resource: ['note'], operation: ['delete'] };

export const fields: INodeProperties[] = [
  {
    displayName: 'A deleted note cannot be brought back.',
    name: 'deleteNotice',
    type: 'notice',
    displayOptions: { show },
    default: '',
  },
  conversationField(show, TRIGGER),
  {
    displayName: 'Note ID',
    name: 'noteId',
    type: 'string',
    required: true,
    displayOptions: { show },
    default: '={{ $json.note_id }}',
    description: 'As it came out of Post Note; Crisp calls it the fingerprint',
  },
];

/** Each item with `deleted: true`, also when the note, or its whole conversation, had been deleted before. */
export const execute: Execute = async function () {
  const prepare = async () => (await crispFor(this)).destination('');
  const items = await eachItem(this, prepare, async (destination, { json }, item) => {
    const conversationId = conversationOf(this, item);
    const noteId = noteOf(this, item);
    await ifNotGone(destination.redact(conversationId, noteId));
    const ids = { conversation_id: conversationId, note_id: noteId };
    return [{ json: { ...passedOn(this, json), ...ids, deleted: true } }];
  });
  return [items];
};
