import type { IExecuteFunctions } from 'n8n-workflow';

/**
 * Whether an AI Agent calls the node as its tool. The name of the type shows it; n8n's `isToolExecution` is false
 * where the agent has its tools carried out as steps of the execution.
 */
export function isTool(context: Pick<IExecuteFunctions, 'getNode'>): boolean {
  return /Tool$/.test(context.getNode().type);
}
