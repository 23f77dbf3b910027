import type { INodeProperties } from 'n8n-workflow';
import { conversationField, conversationOf, type Execute } from '../../../shared/actions';
import { crispFor } from '../../../shared/crisp';
import { eachItem } from '../../../shared/items';
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

/** Each item as it came. */
export const execute: Execute = async function () {
  const prepare = () => crispFor(this);
  const items = await eachItem(this, prepare, async ({ api }, { json }, item) => {
    const typing = this.getNodeParameter('typing', item) as 'start' | 'stop';
    await api.compose(conversationOf(this, item), typing);
    return [{ json }];
  });
  return [items];
};
