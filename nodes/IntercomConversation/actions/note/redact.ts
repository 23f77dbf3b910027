import type { INodeProperties } from 'n8n-workflow';
import { conversationField, conversationOf, noteOf, type Execute } from '../../../shared/actions';
import { intercomFor } from '../../../shared/intercom';
import { eachItem, passedOn } from '../../../shared/items';
import { TRIGGER } from '../fields';

const show = { resource: ['note'], operation: ['redact'] };

export const fields: INodeProperties[] = [
  {
    displayName: 'A redacted note cannot be brought back.',
    name: 'redactNotice',
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
    description: 'As it came out of Post Note; Intercom calls it the part ID',
  },
];

/** Each item with `redacted: true`, also when the note had been redacted before. */
export const execute: Execute = async function () {
  const prepare = async () => (await intercomFor(this)).destination('');
  const items = await eachItem(this, prepare, async (destination, { json }, item) => {
    const conversationId = conversationOf(this, item);
    const noteId = noteOf(this, item);
    await destination.redactNote(conversationId, noteId);
    const ids = { conversation_id: conversationId, note_id: noteId };
    return [{ json: { ...passedOn(this, json), ...ids, redacted: true } }];
  });
  return [items];
};
