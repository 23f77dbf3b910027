import type { INodeProperties, ITriggerFunctions } from 'n8n-workflow';
import { triggerParameters } from '../operations/parameters';

/** When sessions are passed on, and how many: options of every trigger that brings activity, by their names. */
export const batchingFields = {
  executionsAtOnce: {
    displayName: 'Executions at Once',
    name: 'executionsAtOnce',
    type: 'number',
    typeOptions: { minValue: 1 },
    default: 2,
    description:
      'The maximum number of executions that hold sessions at a time. Deliver Activity and Summarize Session release theirs, so up to four times as many can run; executions older than 3 seconds count only up to twenty times as many.',
  },
  longestWait: {
    displayName: 'Max Wait (Ms)',
    name: 'longestWait',
    type: 'number',
    typeOptions: { minValue: 0 },
    default: 3_000,
    description: 'The longest time to gather the actions of a visitor who never pauses',
  },
  mostWaitingActions: {
    displayName: 'Max Waiting Actions',
    name: 'mostWaitingActions',
    type: 'number',
    typeOptions: { minValue: 1 },
    default: 100_000,
    description:
      'The maximum number of actions that wait when executions cannot keep up. Beyond it, the oldest are dropped and counted in dropped_actions of the next item.',
  },
  quietPeriod: {
    displayName: 'Quiet Period (Ms)',
    name: 'quietPeriod',
    type: 'number',
    typeOptions: { minValue: 0 },
    default: 150,
    description: 'How long a visitor must pause before the gathered actions start an execution',
  },
  sessionsPerExecution: {
    displayName: 'Sessions per Execution',
    name: 'sessionsPerExecution',
    type: 'number',
    typeOptions: { minValue: 1 },
    default: 200,
    description: 'The maximum number of sessions in one execution, each as its own item',
  },
} satisfies Record<string, INodeProperties>;

/** Fields of *Options* by their names. */
type Fields<Name extends string> = Record<Name, INodeProperties>;

export type BatchingOptions = Record<keyof typeof batchingFields, number>;

/**
 * Reads options of a trigger that are whole numbers.
 * @throws NodeOperationError for one that is no number, or beyond its bounds
 */
export function readCounts<Name extends string>(
  context: Pick<ITriggerFunctions, 'getNodeParameter' | 'getNode'>,
  fields: Fields<Name>,
): Record<Name, number> {
  const { options } = triggerParameters(context);
  return mapped(fields, options.count);
}

/** What {@link readCounts} returns for an untouched node. */
export function defaultsOf<Name extends string>(fields: Fields<Name>): Record<Name, number> {
  return mapped(fields, (field) => Number(field.default));
}

function mapped<Name extends string>(
  fields: Fields<Name>,
  value: (field: INodeProperties) => number,
): Record<Name, number> {
  const entries = Object.entries<INodeProperties>(fields).map(([name, one]) => [name, value(one)]);
  return Object.fromEntries(entries) as Record<Name, number>;
}
