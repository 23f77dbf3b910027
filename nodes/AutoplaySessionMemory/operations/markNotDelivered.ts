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
      description: 'Ends the link; the session is linked again when the visitor writes',
    },
    {
      name: 'Not Posted',
      value: 'refused',
      description: 'The next note includes its actions',
    },
    {
      name: 'Perhaps Posted',
      value: 'unknown',
      description: 'The same note is handed out again a little later, with tried_before',
    },
    {
      name: 'See the Error',
      value: 'byError',
      description:
        'Decided by the error that HTTP Request put into the item: refused (4xx) or no connection means not posted; anything else is uncertain',
    },
  ],
  default: 'byError',
  description: 'What is known about the note',
});

/** Each item as it came, with the session and conversation of the note. */
export const markNotDelivered = operation({
  value: 'markNotDelivered',
  name: 'Mark as Not Delivered',
  action: 'Mark activity as not delivered',
  description: 'Return a claimed note that was not posted, so that it is retried',
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
