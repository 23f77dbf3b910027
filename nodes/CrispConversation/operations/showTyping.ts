import type { INodeProperties } from 'n8n-workflow';
import { crispFor } from '../../shared/crisp';
import { conversationOf, optionsField } from '../../shared/operations/fields';
import { operation } from '../../shared/operations/operation';
import { choiceField } from '../../shared/operations/parameters';
import { conversation } from './fields';
import { startTyping, stopTyping } from './typing';

const typingField = choiceField({
  displayName: 'Typing',
  name: 'typing',
  type: 'options',
  options: [
    { name: 'Start', value: 'start' },
    { name: 'Stop', value: 'stop' },
  ],
  default: 'start',
  description: 'Whether to show or hide the indicator. Send Reply hides it by itself.',
});

const goOnOption: INodeProperties = {
  displayName: 'Continue at Once',
  name: 'continueAtOnce',
  type: 'boolean',
  default: false,
  description:
    'Whether the next step begins without waiting for Crisp to show the indicator, so that an answer comes sooner. The step then does not fail if Crisp refuses.',
};

/** Each item as it came; as a tool of an AI Agent, the conversation and what is shown there. */
export const showTyping = operation({
  value: 'showTyping',
  name: 'Show Typing',
  action: 'Show typing indicator',
  description: 'Show or hide the typing indicator',
  title: { parameter: 'typing', titles: { start: 'Show Typing', stop: 'Stop Typing' } },
  fields: [
    conversation,
    typingField,
    { ...optionsField(goOnOption), displayOptions: { show: { typing: ['start'] } } },
  ],
  prepare: (context) => crispFor(context),
  async run(item, { api }) {
    const typing = item.choice(typingField);
    const conversation_id = conversationOf(item);
    if (typing === 'stop') await stopTyping(api, conversation_id);
    else if (item.options.isOn(goOnOption)) startTyping(api, conversation_id);
    else await api.compose(conversation_id, 'start');
    return { json: {}, toModel: { conversation_id, typing } };
  },
});
