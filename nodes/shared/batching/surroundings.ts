import type { ITriggerFunctions } from 'n8n-workflow';

/** What a trigger has to know of the workflow it is in. */
export interface Surroundings {
  /** Whether this workflow can make something of a wake-up. */
  remembersSessions: boolean;
  /** The workflow's own time limit in seconds; 0 when it has none. */
  executionTimeout: number;
}

type Context = Pick<ITriggerFunctions, 'getNode' | 'getChildNodes'> &
  // Of newer versions of n8n alone.
  Partial<Pick<ITriggerFunctions, 'getWorkflowSettings'>>;

export function readSurroundings(context: Context): Surroundings {
  return {
    remembersSessions: context
      .getChildNodes(context.getNode().name)
      .some(({ type, disabled }) => !disabled && type.endsWith('.autoplaySessionMemory')),
    executionTimeout: Math.max(0, context.getWorkflowSettings?.().executionTimeout ?? 0),
  };
}
