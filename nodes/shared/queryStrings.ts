import type { INodeProperties } from 'n8n-workflow';

/** An option of every node that stores actions. */
export const queryStringsOption: INodeProperties = {
  displayName: 'Keep Query Strings',
  name: 'keepQueryStrings',
  type: 'boolean',
  default: false,
  description:
    'Whether to store URLs with their query string, which often contains tokens and personal data',
};
