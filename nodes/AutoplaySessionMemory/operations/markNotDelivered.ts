import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { ConversationGoneError } from '../../../core/delivery/destination';
import {
  markNotDelivered,
  outcomeByError,
  type NotDelivered,
} from '../../../core/delivery/handOut';
import type { Execute } from '../../shared/actions';
import { eachItem, passedOn, tellOfGone } from '../../shared/items';
import { openMemory } from '../../shared/memory/open';
import { tellTrigger } from '../../shared/signals';
import { claimField, claimOf, tellOfUnknown } from './claim';

const show = { operation: ['markNotDelivered'] };

export const description: INodeProperties[] = [
  claimField(show),
  {
    displayName: 'What Happened',
    name: 'outcome',
    type: 'options',
    displayOptions: { show },
    options: [
      {
        name: 'Conversation Is Gone',
        value: 'gone',
        description: 'Its session is not linked any more, until its visitor writes again',
      },
      {
        name: 'Not Posted',
        value: 'refused',
        description: 'What it tells is in the next note, with what has happened until then',
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
          "Refusals (4xx), and connections that did not come about, say that nothing was posted; anything else leaves it open. The error is what HTTP Request's error output has put into the item.",
      },
    ],
    default: 'byError',
    description: 'What is known of the note',
  },
];

/** Each item as it came, with the session and conversation of the note. */
export const execute: Execute = async function () {
  const items = await eachItem(
    this,
    () => openMemory(this),
    async ({ storage, memoryOf }, { json }, item) => {
      const outcome = outcomeOf(this, item, json.error);
      const marked = await markNotDelivered(
        storage,
        memoryOf(item).name,
        claimOf(this, item),
        outcome,
      );
      if (!marked) {
        tellOfUnknown(this);
        return [{ json: passedOn(this, json) }];
      }
      const { session, conversationId } = marked;
      const { product_id, session_id } = session;
      const about = { product_id, session_id, conversation_id: conversationId };
      if (outcome !== 'gone') {
        // The execution may be one that a webhook started, of which the trigger hears nothing.
        tellTrigger(this.getWorkflow().id).failed();
        return [{ json: { ...passedOn(this, json), ...about } }];
      }
      tellOfGone(this, new ConversationGoneError(conversationId));
      const ended = { conversation_id: null, link_ended: conversationId };
      return [{ json: { ...passedOn(this, json), ...about, ...ended } }];
    },
    { retried: true },
  );
  return [items];
};

function outcomeOf(context: IExecuteFunctions, item: number, error: unknown): NotDelivered {
  const said = context.getNodeParameter('outcome', item) as NotDelivered | 'byError';
  return said === 'byError' ? outcomeByError(error) : said;
}
