import type { INodeProperties } from 'n8n-workflow';
import { chatKey } from '../../../core/memory/chatKey';
import { products } from '../../../core/products';
import { idOrNull } from '../../../core/values';
import { notice } from '../../shared/operations/fields';
import type { Item } from '../../shared/operations/run';

const OTHER = 'other';

/** Anything else could not be written behind `links.` in an expression. */
const RULE = 'Letters, digits and underscores, beginning with a letter';
const NAME = /^[a-z][a-z0-9_]{0,39}$/;
/** The same for the panel, where the name is as it was typed. An empty name is no fault there. */
const ODD = String.raw`^\s*(?![a-zA-Z][a-zA-Z0-9_]{0,39}\s*$)\S.*$`;

const chat: INodeProperties = {
  displayName: 'Chat Product',
  name: 'chat',
  type: 'options',
  // With an expression, the editor could not tell whether the name below is needed.
  noDataExpression: true,
  options: [
    ...products.map(({ name, chat }) => ({ name, value: chat })),
    { name: 'Other', value: OTHER },
  ],
  default: 'intercom',
  description: 'The chat product of the conversation',
};

const chatName: INodeProperties = {
  displayName: 'Chat Product Name',
  name: 'chatName',
  type: 'string',
  required: true,
  noDataExpression: true,
  displayOptions: { show: { chat: [OTHER] } },
  default: '',
  placeholder: 'e.g. zendesk',
  description: `A name of your choice, the same in all nodes of the workflow. ${RULE}.`,
};

/** Which chat product a conversation is in: a session has one link per chat product. */
export const chatFields: readonly INodeProperties[] = [
  chat,
  chatName,
  {
    ...notice(
      'chatNameNotice',
      `This cannot be a chat product's name. ${RULE}: <code>zendesk</code>, <code>help_scout</code>.`,
    ),
    displayOptions: { show: { chat: [OTHER], chatName: [{ _cnd: { regex: ODD } }] } },
  },
];

/**
 * The chat product's key in the memory, with the workspace where the item names one: conversations of two workspaces
 * may have the same id.
 * @throws NodeOperationError for a name that is empty or odd
 */
export function chatOf(item: Item): string {
  const chosen = item.text(chat);
  const given = chosen === OTHER ? item.text(chatName) : chosen;
  const name = given.toLowerCase();
  if (NAME.test(name)) {
    const product = products.find((one) => one.chat === name);
    return chatKey(name, product ? idOrNull(item.json[product.workspaceField]) : null);
  }
  throw item.fault(
    given === '' ? 'The chat product has no name' : `“${given}” cannot be a chat product's name`,
    `Set Chat Product Name. ${RULE}, such as zendesk.`,
  );
}
