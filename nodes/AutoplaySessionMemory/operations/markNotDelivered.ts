import { ConversationGoneError } from '../../../core/delivery/destination';
import { markNotDelivered as mark, outcomeByError } from '../../../core/delivery/handOut';
import { hintGone } from '../../shared/items';
import { openMemory } from '../../shared/memory/open';
import { operation } from '../../shared/operations/operation';
import { choiceField } from '../../shared/operations/parameters';
import { tellTrigger } from '../../shared/signals';
import { claimField, claimOf, hintUnknown } from './claim';

const outcomeField = choiceField({
  displayName: 'What Happened',
  name: 'outcome',
  type: 'options',
  options: [
    {
      name: 'Conversation Is Gone',
      value: 'gone',
      description: 'Its session is not linked any more, until its visitor writes again',
    },
    {
      name: 'Not Posted',
      value: 'refused',
      description: 'Its actions are in the next note, with what has happened until then',
    },
    {
      name: 'Perhaps Posted',
      value: 'unknown',
      description:
        'The same note is handed out again, with tried_before, once the chat product has had its time',
    },
    {
      name: 'See the Error',
      value: 'byError',
      description:
        "Refusals (4xx), and connections that did not come about, mean that nothing was posted; any other error leaves it open. The error is what HTTP Request's error output has put into the item.",
    },
  ],
  default: 'byError',
  description: 'What is known of the note',
});

/** Each item as it came, with the session and conversation of the note. */
export const markNotDelivered = operation({
  value: 'markNotDelivered',
  name: 'Mark as Not Delivered',
  action: 'Mark activity as not delivered',
  description: 'Give a claimed note back, so that its actions are not lost',
  fields: [claimField, outcomeField],
  retried: true,
  prepare: (context) => openMemory(context),
  async run(item, { storage, memoryOf }) {
    const { context } = item;
    const chosen = item.choice(outcomeField);
    const outcome = chosen === 'byError' ? outcomeByError(item.json.error) : chosen;
    const marked = await mark(storage, memoryOf(item.index).name, claimOf(item), outcome);
    if (!marked) {
      hintUnknown(context);
      return { json: {} };
    }
    const { session, conversationId } = marked;
    const { product_id, session_id } = session;
    const json = { product_id, session_id, conversation_id: conversationId };
    if (outcome !== 'gone') {
      // A webhook may have started the execution, and then the trigger does not learn how it ended.
      tellTrigger(context.getWorkflow().id).failed();
      return { json };
    }
    hintGone(context, new ConversationGoneError(conversationId));
    return { json: { ...json, conversation_id: null, link_ended: conversationId } };
  },
});
