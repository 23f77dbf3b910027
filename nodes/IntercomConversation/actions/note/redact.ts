import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { conversationField, conversationOf, noteOf, type Execute } from '../../../shared/actions';
import { intercomFor } from '../../../shared/intercom';
import { eachItem, ifNotGone, passedOn } from '../../../shared/items';
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

/**
 * Each item with `redacted`: true also when the note had been redacted before; false where the conversation has no
 * such note, or does not exist, which a hint says.
 */
export const execute: Execute = async function () {
  const prepare = async () => (await intercomFor(this)).destination('');
  const items = await eachItem(this, prepare, async (destination, { json }, item) => {
    const conversationId = conversationOf(this, item);
    const noteId = noteOf(this, item);
    const redacted = await ifNotGone(destination.redact(conversationId, noteId));
    if (!redacted) tellOfMissing(this, conversationId, noteId);
    const ids = { conversation_id: conversationId, note_id: noteId };
    return [{ json: { ...passedOn(this, json), ...ids, redacted: redacted ?? false } }];
  });
  return [items];
};

function tellOfMissing(
  context: Pick<IExecuteFunctions, 'addExecutionHints'>,
  conversationId: string,
  noteId: string,
): void {
  context.addExecutionHints({
    message: `Intercom has no note ${noteId} in conversation ${conversationId}, so nothing was redacted. Check Note ID and Conversation ID, and that the credential is one of the same workspace.`,
    type: 'warning',
  });
}
