import {
  NodeOperationError,
  type IDataObject,
  type IExecuteFunctions,
  type INodeProperties,
} from 'n8n-workflow';
import { chatKey } from '../../../core/memory/chatKey';
import { products } from '../../../core/products';
import { idOrNull, text } from '../../../core/values';
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

/** What the triggers call the workspace that a conversation is in. */
const WORKSPACE: Record<string, string> = { intercom: 'workspace_id', crisp: 'website_id' };

/**
 * The chat product's key in the memory, with the workspace where the item names one: conversations of two workspaces
 * may have the same id.
 * @throws NodeOperationError for a name that is empty or odd
 */
export function chatOf(context: IExecuteFunctions, itemIndex: number, json: IDataObject): string {
  const chat = context.getNodeParameter('chat', itemIndex) as unknown;
  const given = chat === OTHER ? context.getNodeParameter('chatName', itemIndex, '') : chat;
  const said = text(given).trim();
  const name = said.toLowerCase();
  if (NAME.test(name)) {
    const workspace = Object.hasOwn(WORKSPACE, name) ? json[WORKSPACE[name]!] : null;
    return chatKey(name, idOrNull(workspace));
  }
  const message =
    said === '' ? 'The chat product has no name' : `“${said}” cannot be a chat product's name`;
  throw new NodeOperationError(context.getNode(), message, {
    itemIndex,
    description: `Set Chat Product Name. ${RULE}, such as zendesk.`,
  });
}
