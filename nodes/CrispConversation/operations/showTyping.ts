import { crispFor } from '../../shared/crisp';
import { conversationOf } from '../../shared/operations/fields';
import { operation } from '../../shared/operations/operation';
import { choiceField } from '../../shared/operations/parameters';
import { conversation } from './fields';

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

/** Each item as it came; as a tool of an AI Agent, the conversation and what is shown there. */
export const showTyping = operation({
  value: 'showTyping',
  name: 'Show Typing',
  action: 'Show typing indicator',
  description: 'Show or hide the typing indicator',
  title: { parameter: 'typing', titles: { start: 'Show Typing', stop: 'Stop Typing' } },
  fields: [conversation, typingField],
  prepare: (context) => crispFor(context),
  async run(item, { api }) {
    const typing = item.choice(typingField);
    const conversation_id = conversationOf(item);
    await api.compose(conversation_id, typing);
    return { json: {}, toModel: { conversation_id, typing } };
  },
});
