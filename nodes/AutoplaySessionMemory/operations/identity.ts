import type { INodeProperties } from 'n8n-workflow';
import { optionsField } from '../../shared/operations/fields';
import type { Item } from '../../shared/operations/run';

const sessionId: INodeProperties = {
  displayName: 'Session ID',
  name: 'sessionId',
  type: 'string',
  default: '={{ $json.session_id }}',
};
const userId: INodeProperties = {
  displayName: 'User ID',
  name: 'userId',
  type: 'string',
  default: '={{ $json.user_id }}',
};
const email: INodeProperties = {
  displayName: 'Email',
  name: 'email',
  type: 'string',
  placeholder: 'name@email.com',
  default: '={{ $json.email }}',
};
const productId: INodeProperties = {
  displayName: 'Product ID',
  name: 'productId',
  type: 'string',
  default: '',
};

/** What the operation uses each identity field for. */
export interface IdentityTexts {
  sessionId: string;
  userId: string;
  email: string;
}

/** Who a conversation belongs to; by default what the item says. */
export function identityFields(texts: IdentityTexts): INodeProperties[] {
  return [
    { ...sessionId, description: texts.sessionId },
    { ...userId, description: texts.userId },
    { ...email, description: texts.email },
  ];
}

/** The fields of {@link identityFields}; undefined where the item has no such id. */
export function identityOf(item: Item) {
  return {
    session_id: item.person(sessionId),
    user_id: item.person(userId),
    email: item.person(email),
  };
}

/** Which of several products in one memory is meant, and other options. */
export function productOptions(
  description = 'Needed only if one memory holds several products',
  ...others: INodeProperties[]
): INodeProperties {
  return optionsField({ ...productId, description }, ...others);
}

/** The option of {@link productOptions}; undefined where it is empty. */
export function productOf(item: Item): string | undefined {
  return item.options.text(productId) || undefined;
}
