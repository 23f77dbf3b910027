import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { conversationOf } from '../../shared/actions';
import { eachItem, passedOn } from '../../shared/items';
import { openMemory } from '../../shared/memory/open';
import { patientMemory } from '../../shared/memory/trouble';
import { chatFields, chatOf } from './chat';
import { identityFields, productOption, text, personIn } from './fields';

const show = { operation: ['link'] };

export const description: INodeProperties[] = [
  ...chatFields(show),
  {
    displayName: 'Conversation ID',
    name: 'conversationId',
    type: 'string',
    required: true,
    displayOptions: { show },
    default: '={{ $json.conversation_id }}',
    description: 'The conversation to link',
  },
  ...identityFields(show, {
    sessionId:
      'The first of session, user and email that is known decides; the newest session is taken. A session named here that is not known yet is waited for. If none is known, one in which the stream named this conversation.',
    userId: 'The ID that the site gives PostHog and the chat product',
    email: 'Used where neither session nor user is known',
  }),
  productOption(show),
];

/**
 * Each item with its session, if one is known yet, and `link_status`: linked, already_linked,
 * linked_elsewhere, waiting or ambiguous.
 */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const prepare = () => openMemory(this);
  const items = await eachItem(this, prepare, async ({ memoryOf }, { json }, item) => {
    const conversationId = conversationOf(this, item);
    const request = {
      chat: chatOf(this, item, json),
      conversation_id: conversationId,
      session_id: personIn(this, 'sessionId', item),
      user_id: personIn(this, 'userId', item),
      email: personIn(this, 'email', item),
      product_id: text(this, 'options.productId', item),
    };
    const patient = patientMemory(memoryOf(item), this.getWorkflow().id);
    const { status, session } = await patient.link(request);
    const ids = session && { product_id: session.product_id, session_id: session.session_id };
    return [
      {
        json: {
          ...passedOn(this, json),
          conversation_id: conversationId,
          ...ids,
          links: session?.links ?? {},
          link_status: status,
        },
      },
    ];
  });
  return [items];
}
