import type { INodeProperties } from 'n8n-workflow';
import { MEMORY_CREDENTIAL } from './settings';

/** Which memory a node works with: two parameters of every node that uses one. */
export const memoryFields: INodeProperties[] = [
  {
    displayName: 'Memory',
    name: 'memoryScope',
    type: 'options',
    noDataExpression: true,
    options: [
      {
        name: 'This Workflow Only',
        value: 'workflow',
        description: 'Other workflows do not see these sessions',
      },
      {
        name: 'Shared by Name',
        value: 'named',
        description: 'Workflows with the same name share one memory',
      },
    ],
    default: 'workflow',
    description: 'Where sessions are kept. Choose the same in all nodes of the workflow.',
  },
  {
    displayName: 'Memory Name',
    name: 'memoryName',
    type: 'string',
    required: true,
    displayOptions: { show: { memoryScope: ['named'] } },
    default: '',
    placeholder: 'e.g. support',
    description:
      'Workflows with the same name share one memory. An expression can choose a memory for each item, the same in all nodes.',
  },
];

/** How nodes declare the optional credential. */
export const memoryCredential = {
  name: MEMORY_CREDENTIAL,
  displayName: 'Memory Storage (Optional)',
  required: false,
} as const;
