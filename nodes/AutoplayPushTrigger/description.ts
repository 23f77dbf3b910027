import type { INodeProperties } from 'n8n-workflow';
import { filterFields, filterOptions } from '../shared/batching/filters';
import { batchingFields } from '../shared/batching/options';
import { memoryFields } from '../shared/memory/fields';
import { notice, optionsField } from '../shared/operations/fields';
import { queryStringsOption } from '../shared/queryStrings';

const options = [
  queryStringsOption,
  ...filterOptions,
  ...Object.values<INodeProperties>(batchingFields),
].sort((a, b) => a.displayName.localeCompare(b.displayName));

export const properties: INodeProperties[] = [
  notice(
    'setupNotice',
    `After you publish the workflow, set the product to push in <a href="https://developers.autoplay.ai" target="_blank">Autoplay</a>:
      <ul>
        <li>URL: the Production URL, under Webhook URLs above</li>
        <li>Secret: the same as in the credential, which is required</li>
      </ul>`,
  ),
  notice(
    'itemsNotice',
    'Each item is one session: the visitor, as far as known, and their new actions, which are already stored. Add <b>Autoplay Session Memory: Remember</b> next, with the same Memory.',
  ),
  ...memoryFields,
  ...filterFields,
  optionsField(...options),
];
