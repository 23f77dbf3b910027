import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { millisecondsOf } from '../../../shared/numbers';

const MINUTE_MS = 60_000;

/** How long an operator who wrote has the conversation. */
export const silenceField: Pick<
  INodeProperties,
  'displayName' | 'name' | 'type' | 'typeOptions' | 'default'
> = {
  displayName: 'Minutes of Silence',
  name: 'silentMinutes',
  type: 'number',
  typeOptions: { minValue: 0 },
  default: 30,
};

/**
 * A number of minutes that was given, in milliseconds.
 * @throws NodeOperationError when it is no number: a bot that nothing silences would not be noticed
 */
export function silenceOf(context: IExecuteFunctions, given: unknown, item: number): number {
  // Empty means neither the default nor never: another node's “params” give the expression, not what came of it.
  return millisecondsOf(MINUTE_MS, context, silenceField, given, {
    itemIndex: item,
    whenEmpty: null,
  });
}
