import type { INodeProperties } from 'n8n-workflow';
import { markDelivered } from '../../../core/delivery/handOut';
import { idOrNull } from '../../../core/values';
import type { Execute } from '../../shared/actions';
import { eachItem, passedOn } from '../../shared/items';
import { openMemory } from '../../shared/memory/open';
import { tellTrigger } from '../../shared/signals';
import { claimField, claimOf, tellOfUnknown } from './claim';

const show = { operation: ['markDelivered'] };

export const description: INodeProperties[] = [
  claimField(show),
  {
    displayName: 'Note ID',
    name: 'noteId',
    type: 'string',
    displayOptions: { show },
    default: '={{ $json.id }}',
    description:
      "The note's ID in the chat product, as it answered. Forget names the notes that are left by it; without one, only their conversation.",
  },
];

/** Each item with the session that was told, its conversation, and the note; `notes` is empty for a claim that is not known. */
export const execute: Execute = async function () {
  const items = await eachItem(
    this,
    () => openMemory(this),
    async ({ storage, memoryOf }, { json }, item) => {
      const noteId = idOrNull(this.getNodeParameter('noteId', item, ''));
      const marked = await markDelivered(storage, memoryOf(item).name, claimOf(this, item), noteId);
      if (!marked) {
        tellOfUnknown(this);
        return [{ json: { ...passedOn(this, json), notes: [] } }];
      }
      if (!marked.isAll) tellTrigger(this.getWorkflow().id).leftForLater();
      const { session, conversationId, note } = marked;
      const { product_id, session_id, links } = session;
      const told = { product_id, session_id, links, conversation_id: conversationId };
      return [{ json: { ...passedOn(this, json), ...told, notes: [{ ...note }] } }];
    },
    { retried: true },
  );
  return [items];
};
