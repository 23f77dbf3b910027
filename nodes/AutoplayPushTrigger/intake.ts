import type { IWebhookFunctions } from 'n8n-workflow';
import type { SessionBatch } from '../../core/payload/types';

/**
 * The way from a node's webhook to its running trigger, which gathers what arrives and starts
 * executions. Both are in one process, unless n8n has processes of their own for webhooks.
 */
export interface Intake {
  /** Takes a batch that the memory has stored. */
  add(batch: SessionBatch): void;
  /** Reports that the memory cannot be reached, or, without an error, that it can. */
  storage(error?: Error): void;
}

type Context = Pick<IWebhookFunctions, 'getNode' | 'getWorkflow'>;

const intakes = new Map<string, Intake>();

/** Opens the intake of a node; returns how to close it. */
export function openIntake(context: Context, intake: Intake): () => void {
  const key = keyOf(context);
  intakes.set(key, intake);
  return () => {
    // n8n may have started the node again before it stopped this trigger.
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
