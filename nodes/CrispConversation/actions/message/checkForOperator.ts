import type { INodeExecutionData, INodeOutputConfiguration, INodeProperties } from 'n8n-workflow';
import { systemClock } from '../../../../core/clock';
import { operatorWroteAt } from '../../../../core/crisp/operator';
import { conversationField, conversationOf, type Execute } from '../../../shared/actions';
import { crispFor } from '../../../shared/crisp';
import { eachItem, isTool, passedOn } from '../../../shared/items';
import { TRIGGER } from '../fields';
import { silenceField, silenceOf } from './silence';

const show = { resource: ['message'], operation: ['checkForOperator'] };

export const fields: INodeProperties[] = [
  conversationField(show, TRIGGER),
  {
    ...silenceField,
    displayOptions: { show },
    description:
      'How long a conversation is left to its operator after their last message; 0 for not at all. Ends early when the conversation is resolved.',
  },
];

/** Two outputs: conversations that a bot may answer in, and those that an operator has taken over. */
export const outputs: INodeOutputConfiguration[] = [
  { type: 'main', displayName: 'No Operator' },
  { type: 'main', displayName: 'Taken Over' },
];

/** Each item with `operator_wrote_at`, null where there is no operator. */
export const execute: Execute = async function () {
  const taken = new Set<INodeExecutionData>();
  const prepare = () => crispFor(this);
  const items = await eachItem(this, prepare, async ({ api, secret }, { json }, item) => {
    const conversationId = conversationOf(this, item);
    const silenceMs = silenceOf(this, this.getNodeParameter('silentMinutes', item), item);
    const since = systemClock.now() - silenceMs;
    const at = silenceMs > 0 ? await operatorWroteAt(api, conversationId, { since, secret }) : null;
    const operator_wrote_at = at === null ? null : new Date(at).toISOString();
    const found = { conversation_id: conversationId, operator_wrote_at };
    const out = { json: { ...passedOn(this, json), ...found }, pairedItem: { item } };
    // An AI Agent reads what its tool gives by the first output.
    if (at !== null && !isTool(this)) taken.add(out);
    return [out];
  });
  return [items.filter((one) => !taken.has(one)), items.filter((one) => taken.has(one))];
};
