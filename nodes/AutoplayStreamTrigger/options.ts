import type { INodeProperties } from 'n8n-workflow';

/** Values of an untouched node; the names are those of the node's options. */
export const DEFAULTS = {
  executionsAtOnce: 2,
  longestWait: 3_000,
  mostWaitingActions: 100_000,
  quietPeriod: 150,
  sessionsPerExecution: 200,
  silenceBeforeReconnecting: 90,
};

/** The least each of them may be. */
export const LEAST: typeof DEFAULTS = {
  executionsAtOnce: 1,
  longestWait: 0,
  mostWaitingActions: 1,
  quietPeriod: 0,
  sessionsPerExecution: 1,
  silenceBeforeReconnecting: 1,
};

export const options: INodeProperties = {
  displayName: 'Options',
  name: 'options',
  type: 'collection',
  placeholder: 'Add option',
  default: {},
  options: [
    {
      displayName: 'Executions at Once',
      name: 'executionsAtOnce',
      type: 'number',
      typeOptions: { minValue: LEAST.executionsAtOnce },
      default: DEFAULTS.executionsAtOnce,
      description:
        'How many executions of this workflow may hold sessions side by side; from Deliver Activity or Summarize Session on they hold none, and as many again may run. Meanwhile, further activity gathers: a few executions with many sessions each are less work than many.',
    },
    {
      displayName: 'Longest Wait (Ms)',
      name: 'longestWait',
      type: 'number',
      typeOptions: { minValue: LEAST.longestWait },
      default: DEFAULTS.longestWait,
      description:
        'A visitor who never pauses is passed on after this many milliseconds all the same',
    },
    {
      displayName: 'Most Waiting Actions',
      name: 'mostWaitingActions',
      type: 'number',
      typeOptions: { minValue: LEAST.mostWaitingActions },
      default: DEFAULTS.mostWaitingActions,
      description:
        'How many actions may wait when executions cannot keep up. Beyond that the oldest are dropped, and the next item says how many in dropped_actions.',
    },
    {
      displayName: 'Quiet Period (Ms)',
      name: 'quietPeriod',
      type: 'number',
      typeOptions: { minValue: LEAST.quietPeriod },
      default: DEFAULTS.quietPeriod,
      description:
        "A visitor's actions are gathered until nothing has come for this many milliseconds, and then passed on together",
    },
    {
      displayName: 'Sessions per Execution',
      name: 'sessionsPerExecution',
      type: 'number',
      typeOptions: { minValue: LEAST.sessionsPerExecution },
      default: DEFAULTS.sessionsPerExecution,
      description: 'How many sessions may share one execution, each as an item of its own',
    },
    {
      displayName: 'Silence Before Reconnecting (Seconds)',
      name: 'silenceBeforeReconnecting',
      type: 'number',
      typeOptions: { minValue: LEAST.silenceBeforeReconnecting },
      default: DEFAULTS.silenceBeforeReconnecting,
      description:
        'The connector sends a sign of life every 30 seconds. A connection that brings nothing at all for this long is taken for dead and opened anew.',
    },
  ],
};
