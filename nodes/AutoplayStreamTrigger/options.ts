import type { INodeProperties } from 'n8n-workflow';
import { filterOptions } from '../shared/batching/filters';
import { batchingFields, defaultsOf } from '../shared/batching/options';
import { optionsField } from '../shared/operations/fields';

export const fields = {
  ...batchingFields,
  silenceBeforeReconnecting: {
    displayName: 'Silence Before Reconnecting (Seconds)',
    name: 'silenceBeforeReconnecting',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 86_400 },
    default: 90,
    description:
      'Reconnect after this long without data. The connector sends a heartbeat every 30 seconds.',
  },
} satisfies Record<string, INodeProperties>;

/** Nodes of version 1 fetch nothing unless the option was added. */
export const backfill: INodeProperties = {
  displayName: 'Backfill',
  name: 'backfill',
  type: 'boolean',
  default: true,
  description:
    'Whether to ask the connector for the last actions of visitors after a lost connection, and when a conversation waits for a visitor whose session is unknown. Needs a Stream URL that ends in /stream/ and the ID of your product.',
};

export type StreamTriggerOptions = Record<keyof typeof fields, number>;

/** The options of an untouched node. */
export const DEFAULTS: StreamTriggerOptions = defaultsOf(fields);

export const options = optionsField(
  ...[...Object.values<INodeProperties>(fields), backfill, ...filterOptions].sort((a, b) =>
    a.displayName.localeCompare(b.displayName),
  ),
);
