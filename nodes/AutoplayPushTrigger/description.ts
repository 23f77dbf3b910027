import type { INodeProperties } from 'n8n-workflow';
import { batchingOptions } from '../shared/batching/options';
import { memoryFields } from '../shared/memory';
import { queryStringsOption } from '../shared/queryStrings';

export const properties: INodeProperties[] = [
  {
    displayName:
      "In Autoplay, set the product to <b>push</b>. Then open <b>Webhook URLs</b> above, choose <b>Production URL</b> and enter it there as the URL to push to. The product's secret belongs in the credential: without it every delivery is refused.",
    name: 'setupNotice',
    type: 'notice',
    default: '',
  },
  ...memoryFields,
  {
    displayName:
      'What arrives is remembered before it is acknowledged, so nothing acknowledged is lost. Each item is one session: who the visitor is, as far as is known, and the actions since the item before. Let a Session Memory node with the same Memory follow.',
    name: 'itemsNotice',
    type: 'notice',
    default: '',
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [queryStringsOption, ...batchingOptions].sort((a, b) =>
      a.displayName.localeCompare(b.displayName),
    ) as INodeProperties[],
  },
];
