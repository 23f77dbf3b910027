import type {
  IDataObject,
  IExecuteFunctions,
  INodeExecutionData,
  INodeProperties,
} from 'n8n-workflow';
import { actionsText } from '../../../core/text/lines';
import { eachItem } from '../../shared/items';
import { openMemory } from '../../shared/memory';
import { chatField, identityFields, text } from './fields';

const show = { operation: ['recall'] };

export const description: INodeProperties[] = [
  chatField(show),
  ...identityFields(
    show,
    'The session itself, else the one linked to the conversation, else the newest of the user or email',
  ),
  {
    displayName: 'Conversation ID',
    name: 'conversationId',
    type: 'string',
    displayOptions: { show },
    default: '={{ $json.conversation_id }}',
    description: 'Used where no session ID is given',
  },
  {
    displayName: 'Within Minutes',
    name: 'minutes',
    type: 'number',
    typeOptions: { minValue: 0.1, numberPrecision: 1 },
    displayOptions: { show },
    default: 2,
    description: 'How far back actions are listed. What came before is in the summary.',
  },
  {
    displayName: 'Most Actions',
    name: 'maxActions',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 500 },
    displayOptions: { show },
    default: 20,
    description: 'How many of the latest actions are listed at most',
  },
  {
    displayName: 'Only What Is New',
    name: 'onlyNew',
    type: 'boolean',
    displayOptions: { show },
    default: false,
    description:
      'Whether to leave out what an earlier Recall for this conversation, with this switched on, has told already',
  },
];

/** Each item with `activity` (text), `summary` and `actions`; all empty for a visitor nobody knows. */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[]> {
  const prepare = () => openMemory(this);
  return await eachItem(this, prepare, async ({ memory, name }, { json }, item) => {
    const found = await memory.recall(name, {
      chat: this.getNodeParameter('chat', item) as string,
      session_id: text(this, 'sessionId', item),
      user_id: text(this, 'userId', item),
      email: text(this, 'email', item),
      product_id: text(this, 'options.productId', item),
      conversation_id: text(this, 'conversationId', item),
      windowMs: (this.getNodeParameter('minutes', item) as number) * 60_000,
      maxActions: this.getNodeParameter('maxActions', item) as number,
      onlyNew: this.getNodeParameter('onlyNew', item) as boolean,
    });
    if (!found)
      return [{ json: { ...json, known: false, activity: '', summary: null, actions: [] } }];
    const { session, summary, actions } = found;
    const listed = actions.length > 0 ? actionsText(session, actions) : '';
    const recalled = {
      product_id: session.product_id,
      session_id: session.session_id,
      known: true,
      activity: [summary, listed].filter(Boolean).join('\n\n'),
      summary,
      actions: actions as unknown as IDataObject[],
    };
    return [{ json: { ...json, ...recalled } }];
  });
}
