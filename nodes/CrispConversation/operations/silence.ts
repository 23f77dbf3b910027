import type { INodeProperties } from 'n8n-workflow';
import type { Reader } from '../../shared/operations/parameters';

const MINUTE_MS = 60_000;

/** How long an operator who wrote has the conversation. */
export function silenceField(description: string): INodeProperties {
  return {
    displayName: 'Bot Silence (Minutes)',
    name: 'silentMinutes',
    type: 'number',
    typeOptions: { minValue: 0 },
    default: 30,
    description,
  };
}

/**
 * The field's value in milliseconds.
 * @throws NodeOperationError when it is no number: a bot that nothing silences would not be noticed
 */
export function silenceOf(reader: Reader, field: INodeProperties): number {
  // Empty means neither the default nor never: another node's “params” give the expression, not what came of it.
  return reader.milliseconds(field, MINUTE_MS, { mustBeGiven: true });
}
