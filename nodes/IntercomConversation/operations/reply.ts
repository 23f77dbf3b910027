import { intercomFor } from '../../shared/intercom';
import { conversationOf, textField } from '../../shared/operations/fields';
import { operation } from '../../shared/operations/operation';
import { conversation, sendItem, sendingFields } from './send';

/** Each item once its message is sent. */
export const reply = operation({
  value: 'reply',
  name: 'Send Reply',
  action: 'Send a reply',
  description: 'Send a message that the visitor sees',
  fields: [
    conversation,
    textField('The message to the visitor', 'Thanks for asking, we are looking into it'),
    ...sendingFields,
  ],
  prepare: (context) => intercomFor(context),
  async run(item, intercom) {
    const conversation_id = conversationOf(item);
    await sendItem(item, conversation_id, intercom, 'comment');
    return { json: { conversation_id } };
  },
});
