import type { INodeCredentialDescription, INodeProperties } from 'n8n-workflow';
import { MEMORY_CREDENTIAL } from './settings';

/** From this version on, nodes ask for the credential of the storage only if it is wanted. */
const SINCE = 1.1;

/** The versions of a node that has {@link storageFields}. */
export const STORAGE_VERSIONS = [1, SINCE];

const storage: INodeProperties = {
  displayName: 'Memory Storage',
  name: 'memoryStorage',
  type: 'options',
  noDataExpression: true,
  options: [
    {
      name: 'From Credential',
      value: 'credential',
      description: 'PostgreSQL, which queue mode requires, or another retention than 24 hours',
    },
    {
      name: "n8n's Own Folder",
      value: 'embedded',
      description: 'A SQLite file, kept for 24 hours. Needs no credential.',
    },
  ],
  default: 'embedded',
  description: 'Where sessions are stored. Choose the same in all nodes of the workflow.',
};

/** Where the memory is stored. Workflows that were saved before go on with the credential that they have, if any. */
export const storageFields: INodeProperties[] = [
  { ...storage, displayOptions: { show: { '@version': [{ _cnd: { gte: SINCE } }] } } },
  {
    ...storage,
    type: 'hidden',
    default: 'credential',
    displayOptions: { show: { '@version': [{ _cnd: { lt: SINCE } }] } },
  },
];

/** Which memory a node works with: parameters of every node that uses one. */
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
  ...storageFields,
];

/** How nodes declare the optional credential. */
export const memoryCredential = {
  name: MEMORY_CREDENTIAL,
  displayName: 'Memory Storage',
  required: false,
  // By what hides it: n8n shows all credentials of a node behind the fields by which one of them is shown.
  displayOptions: { hide: { memoryStorage: ['embedded'] } },
} satisfies INodeCredentialDescription;
