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
        name: 'Of This Workflow',
        value: 'workflow',
        description: 'Sessions are remembered for this workflow alone',
      },
      {
        name: 'Shared by Name',
        value: 'named',
        description: 'Workflows that give the same name share one memory',
      },
    ],
    default: 'workflow',
    description: 'Where sessions are remembered. All steps of one flow need the same choice.',
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
      'Workflows that give the same name share one memory. By an expression, each item has the memory that it names; all steps have to name the same one for it.',
  },
];

/** How nodes declare the optional credential. */
export const memoryCredential = {
  name: MEMORY_CREDENTIAL,
  displayName: 'Memory Storage (Optional)',
  required: false,
} as const;
