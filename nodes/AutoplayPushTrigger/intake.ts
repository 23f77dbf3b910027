import type { IWebhookFunctions } from 'n8n-workflow';
import type { SessionBatch } from '../../core/payload/types';

/**
 * The way from a node's webhook to its running trigger, which gathers what arrives and starts
 * executions. Both are in one process, unless n8n has processes of their own for webhooks.
 */
export interface Intake {
  /** Takes what is remembered by now. */
  add(batch: SessionBatch): void;
  /** The memory could not be reached, or can be again. */
  storage(error?: Error): void;
}

type Context = Pick<IWebhookFunctions, 'getNode' | 'getWorkflow'>;

const intakes = new Map<string, Intake>();

/** Opens the intake of a node; returns how to close it. */
export function openIntake(context: Context, intake: Intake): () => void {
  const key = keyOf(context);
  intakes.set(key, intake);
  return () => {
    // n8n may have started the node anew before it stopped it.
    if (intakes.get(key) === intake) intakes.delete(key);
  };
}

/** The open intake of this node, if its trigger runs in this process. */
export function intakeOf(context: Context): Intake | undefined {
  return intakes.get(keyOf(context));
}

function keyOf(context: Context): string {
  return JSON.stringify([context.getWorkflow().id, context.getNode().id]);
}
