import type { ITriggerFunctions } from 'n8n-workflow';

/** What a trigger has to know about its workflow. */
export interface Surroundings {
  /** Whether this workflow can use a wake-up. */
  remembersSessions: boolean;
  /** The workflow's own time limit in seconds; 0 when it has none. */
  executionTimeout: number;
}

type Context = Pick<ITriggerFunctions, 'getNode' | 'getChildNodes'> &
  // Older versions of n8n do not have it.
  Partial<Pick<ITriggerFunctions, 'getWorkflowSettings'>>;

export function readSurroundings(context: Context): Surroundings {
  return {
    remembersSessions: context
      .getChildNodes(context.getNode().name)
      .some(({ type, disabled }) => !disabled && type.endsWith('.autoplaySessionMemory')),
    executionTimeout: Math.max(0, context.getWorkflowSettings?.().executionTimeout ?? 0),
  };
}
