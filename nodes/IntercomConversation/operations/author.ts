import type { INodeProperties } from 'n8n-workflow';
import type { Item } from '../../shared/operations/run';

export const author: INodeProperties = {
  displayName: 'Author Name or ID',
  name: 'adminId',
  type: 'options',
  typeOptions: { loadOptionsMethod: 'getAdmins' },
  displayOptions: { hide: { operation: ['redact', 'withdraw'] } },
  default: '',
  description:
    'The author of notes and replies, by default the access token\'s own admin. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
};

/** The admin that is chosen; '' for the token's own. An expression may give a number, or nothing. */
export const authorOf = (item: Item) => item.id(author) ?? '';
