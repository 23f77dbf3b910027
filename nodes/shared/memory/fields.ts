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
      {
        name: 'From List',
        value: 'chosen',
        description: 'A memory that holds sessions now, also that of another workflow',
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
  {
    displayName: 'Memory Name or ID',
    name: 'memoryChosen',
    type: 'options',
    typeOptions: { loadOptionsMethod: 'getMemories' },
    required: true,
    displayOptions: { show: { memoryScope: ['chosen'] } },
    default: '',
    description:
      'Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>. A new memory gets its name by Shared by Name.',
  },
];

/** How nodes declare the optional credential. */
export const memoryCredential = {
  name: MEMORY_CREDENTIAL,
  displayName: 'Memory Storage (for Queue Mode or Another Retention)',
  required: false,
} as const;
