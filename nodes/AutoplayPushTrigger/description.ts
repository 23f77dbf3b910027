import type { INodeProperties } from 'n8n-workflow';
import { batchingFields } from '../shared/batching/options';
import { memoryFields } from '../shared/memory/fields';
import { notice, optionsField } from '../shared/operations/fields';
import { queryStringsOption } from '../shared/queryStrings';

const options = [queryStringsOption, ...Object.values(batchingFields)].sort((a, b) =>
  a.displayName.localeCompare(b.displayName),
);

export const properties: INodeProperties[] = [
  notice(
    'setupNotice',
    `To be done in Autoplay, once the workflow is published: set the product to push.
      <ul>
        <li>URL: the Production URL, under Webhook URLs above</li>
        <li>Secret: the same as in the credential; without it the workflow cannot be published</li>
      </ul>`,
  ),
  notice(
    'itemsNotice',
    'Each item is one session: who the visitor is, as far as is known, and the actions since the item before. They are stored in the memory at once; let Autoplay Session Memory: Remember follow, with the same Memory.',
  ),
  ...memoryFields,
  optionsField(...options),
];
