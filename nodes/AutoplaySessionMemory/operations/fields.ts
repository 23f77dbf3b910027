import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { textOrNull } from '../../../core/values';
import { personIdOrNull } from '../../../core/identity';
import type { Show } from '../../shared/actions';

/** What each of the identity fields is for. */
export interface IdentityTexts {
  sessionId: string;
  userId: string;
  email: string;
}

/** Who a conversation belongs to; filled from the item unless somebody says otherwise. */
export function identityFields(show: Show, texts: IdentityTexts): INodeProperties[] {
  return [
    {
      displayName: 'Session ID',
      name: 'sessionId',
      type: 'string',
      displayOptions: { show },
      default: '={{ $json.session_id }}',
      description: texts.sessionId,
    },
    {
      displayName: 'User ID',
      name: 'userId',
      type: 'string',
      displayOptions: { show },
      default: '={{ $json.user_id }}',
      description: texts.userId,
    },
    {
      displayName: 'Email',
      name: 'email',
      type: 'string',
      displayOptions: { show },
      placeholder: 'name@email.com',
      default: '={{ $json.email }}',
      description: texts.email,
    },
  ];
}

/** Which of several products in one memory is meant. */
export function productOption(
  show: Show,
  description = 'Needed only where one memory holds several products',
): INodeProperties {
  return {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    displayOptions: { show },
    default: {},
    options: [
      {
        displayName: 'Product ID',
        name: 'productId',
        type: 'string',
        default: '',
        description,
      },
    ],
  };
}

/** A text parameter of an item; undefined when it is empty or its field is missing. */
export function text(
  context: Pick<IExecuteFunctions, 'getNodeParameter'>,
  name: string,
  itemIndex: number,
): string | undefined {
  const value = context.getNodeParameter(name, itemIndex, '') as unknown;
  return textOrNull(value) ?? undefined;
}

/** The same of a parameter that names a person or session; undefined also for a placeholder, such as "undefined". */
export function personIn(
  context: Pick<IExecuteFunctions, 'getNodeParameter'>,
  name: string,
  itemIndex: number,
): string | undefined {
  const value = context.getNodeParameter(name, itemIndex, '') as unknown;
  return personIdOrNull(value) ?? undefined;
}
