import type { ExecutionError, ITriggerFunctions } from 'n8n-workflow';

type Context = Pick<ITriggerFunctions, 'getNode' | 'logger'> &
  Partial<Pick<ITriggerFunctions, 'saveFailedExecution'>>;

/**
 * Shows an error as a failed execution of the trigger's workflow, and leaves the trigger running. An older n8n cannot:
 * there the error is only in n8n's log.
 */
export function showFailed(context: Context, error: ExecutionError): void {
  if (context.saveFailedExecution) context.saveFailedExecution(error);
  else context.logger.error(`${context.getNode().name}: ${error.message}`);
}
