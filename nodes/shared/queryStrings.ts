import type { INodeProperties } from 'n8n-workflow';

/** An option of every node that stores actions. */
export const queryStringsOption: INodeProperties = {
  displayName: 'Keep Query Strings',
  name: 'keepQueryStrings',
  type: 'boolean',
  default: false,
  description:
    'Whether stored URLs keep what follows the question mark. It often holds tokens and personal data.',
};
