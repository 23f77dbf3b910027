import type { INodeProperties } from 'n8n-workflow';
import { batchingOptions } from '../shared/batching/options';
import { memoryFields } from '../shared/memory/fields';
import { queryStringsOption } from '../shared/queryStrings';

export const properties: INodeProperties[] = [
  {
    displayName: `To be done in Autoplay, once the workflow is published: set the product to push.
      <ul>
        <li>URL: the Production URL, under Webhook URLs above</li>
        <li>Secret: the same as in the credential; without it the workflow cannot be published</li>
      </ul>`,
    name: 'setupNotice',
    type: 'notice',
    default: '',
  },
  {
    displayName:
      'Each item is one session: who the visitor is, as far as is known, and the actions since the item before. They are stored in the memory at once; let Autoplay Session Memory: Remember follow, with the same Memory.',
    name: 'itemsNotice',
    type: 'notice',
    default: '',
  },
  ...memoryFields,
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [queryStringsOption, ...batchingOptions].sort((a, b) =>
      a.displayName.localeCompare(b.displayName),
    ),
  },
];
