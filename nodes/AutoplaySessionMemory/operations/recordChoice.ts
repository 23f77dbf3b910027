import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { OfferAnswer, OfferReply } from '../../../core/memory/offers';
import { patientMemory } from '../../shared/memory/trouble';
import { openMemory } from '../../shared/memory/open';
import { conversationField, conversationOf } from '../../shared/operations/fields';
import { operation } from '../../shared/operations/operation';
import type { Item } from '../../shared/operations/run';
import { chatFields, chatOf } from './chat';

const choiceValue: INodeProperties = {
  displayName: 'Choice',
  name: 'choiceValue',
  type: 'string',
  default: '={{ $json.choice?.value }}',
  description:
    'The choice that the visitor pressed, as the trigger reports it; empty for a message',
};

const offerMessageId: INodeProperties = {
  displayName: 'Offer Message ID',
  name: 'offerMessageId',
  type: 'string',
  default: '={{ $json.offer_message_id }}',
  description:
    'The message that the choice belongs to. If empty, the latest offer in the conversation is meant.',
};

const replyText: INodeProperties = {
  displayName: 'Text',
  name: 'replyText',
  type: 'string',
  default: '={{ $json.text }}',
  description:
    'What the visitor wrote. A plain no dismisses the offer; “stop” or “unsubscribe” ends all offers to this person.',
};

const replyId: INodeProperties = {
  displayName: 'Message ID',
  name: 'replyId',
  type: 'string',
  default: '={{ $json.fingerprint ?? $json.notification_id }}',
  description: "The chat product's ID of what the visitor did, so that it counts once",
};

const seen: INodeProperties = {
  displayName: 'Only Read',
  name: 'seen',
  type: 'string',
  default: '={{ $json.seen }}',
  description: 'If true, the visitor has read the offer and done nothing else. No item comes out.',
};

const OUTPUTS = { accepted: 0, dismissed: 1, replied: 2, no_offer: 3 } as const;

/**
 * Each item by the output of what the visitor did: with `offer_id`, `rule`, `page`, `choice`, `outcome`, `repeated` and the ids of the
 * session and conversation; without an offer, with an `outcome` of no_offer alone. Nothing comes out for an offer that was
 * only read, nor for a second press on its choices.
 */
export const recordChoice = operation({
  value: 'recordChoice',
  name: 'Record Choice',
  action: 'Record a choice',
  description: 'Record what a visitor did with an offer, and go on by it',
  fields: [
    ...chatFields,
    conversationField('The conversation that the visitor answered in'),
    choiceValue,
    replyText,
    offerMessageId,
    replyId,
    seen,
  ],
  outputs: ['Accepted', 'Dismissed', 'Replied', 'No Offer'],
  prepare: (context) => openMemory(context),
  async run(item, { memoryOf }) {
    const memory = patientMemory(memoryOf(item.index), item.context.getWorkflow().id);
    const reply = replyOf(item);
    const answer = await memory.recordReply(reply);
    const { status } = answer;
    if (status === 'seen' || status === 'second_choice') return { json: shown(answer), each: [] };
    // Nobody wrote anything that needs an answer.
    const each = status === 'no_offer' && reply.seen ? { each: [] } : {};
    return { json: shown(answer), output: OUTPUTS[status], ...each };
  },
});

function replyOf(item: Item): OfferReply {
  return {
    chat: chatOf(item),
    conversation_id: conversationOf(item),
    value: item.id(choiceValue) ?? undefined,
    message_ref: item.id(offerMessageId) ?? undefined,
    text: item.text(replyText) || undefined,
    reply_id: item.id(replyId) ?? undefined,
    seen: item.isOn(seen),
  };
}

function shown(answer: OfferAnswer): IDataObject {
  if (answer.status === 'no_offer') return { outcome: 'no_offer' };
  const { status, repeated, choice, offer } = answer;
  const { offer_id, product_id, session_id, rule, page, conversation_id } = offer;
  return {
    ...{ offer_id, product_id, session_id, conversation_id, rule, page },
    ...{ choice: choice && { ...choice }, outcome: status, repeated },
  };
}
