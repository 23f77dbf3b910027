import type { INodeProperties } from 'n8n-workflow';
import { BATCHING, batchingOptions } from '../shared/batching/options';

/** Values of an untouched node; the names are those of the node's options. */
export const DEFAULTS = { ...BATCHING, silenceBeforeReconnecting: 90 };

const described: INodeProperties[] = [
  ...batchingOptions,
  {
    displayName: 'Silence Before Reconnecting (Seconds)',
    name: 'silenceBeforeReconnecting',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 86_400 },
    default: DEFAULTS.silenceBeforeReconnecting,
    description:
      'The connector sends a sign of life every 30 seconds. A connection that brings nothing at all for this long is taken for dead and opened anew.',
  },
];

export const options = {
  displayName: 'Options',
  name: 'options',
  type: 'collection',
  placeholder: 'Add option',
  default: {},
  options: described,
} satisfies INodeProperties;
