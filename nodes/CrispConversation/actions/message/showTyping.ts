import type { INodeProperties } from 'n8n-workflow';
import { conversationField, conversationOf, type Execute } from '../../../shared/actions';
import { crispFor } from '../../../shared/crisp';
import { eachItem, isTool } from '../../../shared/items';
import { TRIGGER } from '../fields';

const show = { resource: ['message'], operation: ['showTyping'] };

export const fields: INodeProperties[] = [
  conversationField(show, TRIGGER),
  {
    displayName: 'Typing',
    name: 'typing',
    type: 'options',
    displayOptions: { show },
    options: [
      { name: 'Start', value: 'start' },
      { name: 'Stop', value: 'stop' },
    ],
    default: 'start',
    description: 'Whether the indicator appears or goes. Send Operator Reply ends it by itself.',
  },
];

/** Each item as it came; as a tool of an AI Agent, the conversation and what is shown there. */
export const execute: Execute = async function () {
  const prepare = () => crispFor(this);
  const items = await eachItem(this, prepare, async ({ api }, { json }, item) => {
    const typing = this.getNodeParameter('typing', item) as 'start' | 'stop';
    const conversationId = conversationOf(this, item);
    await api.compose(conversationId, typing);
    return [{ json: isTool(this) ? { conversation_id: conversationId, typing } : json }];
  });
  return [items];
};
