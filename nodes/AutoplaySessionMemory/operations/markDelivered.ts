import type { INodeProperties } from 'n8n-workflow';
import { markDelivered as mark } from '../../../core/delivery/handOut';
import { openMemory } from '../../shared/memory/open';
import { operation } from '../../shared/operations/operation';
import { claimField, claimOf, hintUnknown } from './claim';

const noteId: INodeProperties = {
  displayName: 'Note ID',
  name: 'noteId',
  type: 'string',
  default: '={{ $json.id }}',
  description:
    "The note's ID from the chat product's response. Forget lists it, so that the note can be removed.",
};

/** Each item with its session, the conversation, and the note; `notes` is empty for a claim that is not known. */
export const markDelivered = operation({
  value: 'markDelivered',
  name: 'Mark as Delivered',
  action: 'Mark activity as delivered',
  description: 'Confirm that a claimed note was posted',
  fields: [claimField, noteId],
  retried: true,
  prepare: (context) => openMemory(context),
  async run(item, { storage, memoryOf }) {
    const { name } = memoryOf(item.index);
    const marked = await mark(storage, name, claimOf(item), item.id(noteId));
    if (!marked) {
      hintUnknown(item.context);
      return { json: { notes: [] } };
    }
    const { session, conversationId, note, isAll } = marked;
    const { product_id, session_id, links } = session;
    const json = { product_id, session_id, links, conversation_id: conversationId };
    return { json: { ...json, notes: [{ ...note }] }, leftForLater: !isAll };
  },
});
