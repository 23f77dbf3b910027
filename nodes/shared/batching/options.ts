import type { INodeProperties, ITriggerFunctions } from 'n8n-workflow';
import { countOf } from '../numbers';

/** Values of an untouched node; the names are those of the node's options. */
export const BATCHING = {
  executionsAtOnce: 2,
  longestWait: 3_000,
  mostWaitingActions: 100_000,
  quietPeriod: 150,
  sessionsPerExecution: 200,
};

export type BatchingOptions = typeof BATCHING;

/** When sessions are passed on, and how many: options of every trigger that brings activity. */
export const batchingOptions: INodeProperties[] = [
  {
    displayName: 'Executions at Once',
    name: 'executionsAtOnce',
    type: 'number',
    typeOptions: { minValue: 1 },
    default: BATCHING.executionsAtOnce,
    description:
      'How many executions of this workflow may hold sessions side by side; from Deliver Activity or Summarize Session on they hold none. In all, four times as many may run; those that take longer than 3 seconds do not count, up to twenty times as many. Meanwhile, further activity gathers: a few executions with many sessions each are less work than many.',
  },
  {
    displayName: 'Longest Wait (Ms)',
    name: 'longestWait',
    type: 'number',
    typeOptions: { minValue: 0 },
    default: BATCHING.longestWait,
    description:
      'A visitor who never pauses is passed on after this many milliseconds all the same',
  },
  {
    displayName: 'Most Waiting Actions',
    name: 'mostWaitingActions',
    type: 'number',
    typeOptions: { minValue: 1 },
    default: BATCHING.mostWaitingActions,
    description:
      'How many actions may wait when executions cannot keep up. Beyond that the oldest are dropped, and the next item says how many in dropped_actions.',
  },
  {
    displayName: 'Quiet Period (Ms)',
    name: 'quietPeriod',
    type: 'number',
    typeOptions: { minValue: 0 },
    default: BATCHING.quietPeriod,
    description:
      "A visitor's actions are gathered until nothing has come for this many milliseconds, and then passed on together",
  },
  {
    displayName: 'Sessions per Execution',
    name: 'sessionsPerExecution',
    type: 'number',
    typeOptions: { minValue: 1 },
    default: BATCHING.sessionsPerExecution,
    description: 'How many sessions may share one execution, each as an item of its own',
  },
];

/**
 * Reads options that are numbers, whole ones.
 * @param described the options as the panel shows them, with the least and the most each may be
 * @throws NodeOperationError for one that is none, or beyond its bounds
 */
export function readNumbers<Options extends Record<string, number>>(
  context: Pick<ITriggerFunctions, 'getNodeParameter' | 'getNode'>,
  defaults: Options,
  described: readonly INodeProperties[],
): Options {
  const given = context.getNodeParameter('options', {}) as Record<string, unknown>;
  const read = described
    .filter(({ name }) => name in defaults)
    .map((field) => [field.name, countOf(context, field, given[field.name])] as const);
  return { ...defaults, ...Object.fromEntries(read) };
}
