import type { IHookFunctions, NodeApiError, NodeOperationError } from 'n8n-workflow';
import { AT_START } from './webhookSecret';

/** Whether n8n calls because it starts, not because a person publishes. */
export function isStart(context: IHookFunctions): boolean {
  return AT_START.includes(context.getActivationMode());
}

/**
 * Runs what a node does in a service when its workflow is published. A failure is an error for a person who publishes.
 * Where n8n starts, it is logged, and counts as done, because what was published before still works.
 *
 * @param thing what the node looks after, such as `the destination in PostHog`
 */
export async function tolerant(
  context: IHookFunctions,
  thing: string,
  toNodeError: (error: unknown) => NodeApiError | NodeOperationError,
  work: () => Promise<boolean>,
): Promise<boolean> {
  try {
    return await work();
  } catch (thrown) {
    const error = toNodeError(thrown);
    if (!isStart(context)) throw error;
    logWarning(context, `could not look after ${thing}: ${said(error)}`);
    return true;
  }
}

/** An error's message and advice, as sentences. */
export function said({ message, description }: NodeApiError | NodeOperationError): string {
  return `${message}. ${description ?? ''}`.trim();
}

/** Logs a sentence, with the node's name before it. */
export function logWarning(context: IHookFunctions, message: string): void {
  context.logger.warn(
    `${context.getNode().name}: ${/[.!?]$/.test(message) ? message : `${message}.`}`,
  );
}
