import type { IWebhookFunctions } from 'n8n-workflow';

type Context = Pick<IWebhookFunctions, 'getNode' | 'getWorkflow'>;

/**
 * The way from a node's webhook to its running trigger, which gathers what arrives and starts executions. Both are in one
 * process, unless n8n has processes of their own for webhooks.
 */
export interface Intakes<Intake> {
  /** Opens the intake of a node; returns how to close it. */
  open(context: Context, intake: Intake): () => void;
  /** The open intake of this node, if its trigger runs in this process. */
  of(context: Context): Intake | undefined;
}

export function createIntakes<Intake>(): Intakes<Intake> {
  const intakes = new Map<string, Intake>();
  return {
    open(context, intake) {
      const key = keyOf(context);
      intakes.set(key, intake);
      return () => {
        // n8n may have started the node again before it stopped this trigger.
        if (intakes.get(key) === intake) intakes.delete(key);
      };
    },
    of: (context) => intakes.get(keyOf(context)),
  };
}

function keyOf(context: Context): string {
  return JSON.stringify([context.getWorkflow().id, context.getNode().id]);
}
