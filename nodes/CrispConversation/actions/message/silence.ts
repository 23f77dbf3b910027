import { NodeOperationError, type IExecuteFunctions, type INodeProperties } from 'n8n-workflow';

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
  const minutes = Number(given);
  if (minutes >= 0) return minutes * MINUTE_MS;
  throw new NodeOperationError(context.getNode(), 'Minutes of Silence is no number', {
    itemIndex: item,
    description:
      'Set it to how long the bot stays silent after an operator wrote; 0 for never. What another node has in its “params” is the expression that was entered there, not what came of it.',
  });
}
