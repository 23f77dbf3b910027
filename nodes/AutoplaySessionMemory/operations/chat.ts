import { NodeOperationError, type IExecuteFunctions, type INodeProperties } from 'n8n-workflow';
import { products } from '../../../core/products';
import { text } from '../../../core/values';
import type { Show } from '../../shared/actions';

const OTHER = 'other';

/** Anything else could not be written behind `links.` in an expression. */
const RULE = 'Letters, digits and underscores, beginning with a letter';
const NAME = /^[a-z][a-z0-9_]{0,39}$/;
/** The same for the panel, where the name stands as it was typed, and is not complained about while it is empty. */
const ODD = String.raw`^\s*(?![a-zA-Z][a-zA-Z0-9_]{0,39}\s*$)\S.*$`;

/** Which chat product a conversation is in: a session has one link per chat product. */
export function chatFields(show: Show): INodeProperties[] {
  const other = { ...show, chat: [OTHER] };
  return [
    {
      displayName: 'Chat Product',
      name: 'chat',
      type: 'options',
      // By an expression, the editor could not tell whether the name below is needed.
      noDataExpression: true,
      displayOptions: { show },
      options: [
        ...products.map(({ name, chat }) => ({ name, value: chat })),
        { name: 'Other', value: OTHER },
      ],
      default: 'intercom',
      description: 'Where the conversation takes place',
    },
    {
      displayName: 'Chat Product Name',
      name: 'chatName',
      type: 'string',
      required: true,
      noDataExpression: true,
      displayOptions: { show: other },
      default: '',
      placeholder: 'e.g. zendesk',
      description: `What you call the chat product, the same in all steps of one flow. ${RULE}.`,
    },
    {
      displayName: `This cannot be a chat product's name. ${RULE}: <code>zendesk</code>, <code>help_scout</code>.`,
      name: 'chatNameNotice',
      type: 'notice',
      displayOptions: { show: { ...other, chatName: [{ _cnd: { regex: ODD } }] } },
      default: '',
    },
  ];
}

/**
 * The chat product's key in the memory.
 * @throws NodeOperationError for a name that is empty or odd
 */
export function chatOf(context: IExecuteFunctions, itemIndex: number): string {
  const chat = context.getNodeParameter('chat', itemIndex) as unknown;
  const given = chat === OTHER ? context.getNodeParameter('chatName', itemIndex, '') : chat;
  const said = text(given).trim();
  const name = said.toLowerCase();
  if (NAME.test(name)) return name;
  const message =
    said === '' ? 'The chat product has no name' : `“${said}” cannot be a chat product's name`;
  throw new NodeOperationError(context.getNode(), message, {
    itemIndex,
    description: `Set Chat Product Name. ${RULE}, such as zendesk.`,
  });
}
