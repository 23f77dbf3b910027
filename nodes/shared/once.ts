import type { IExecuteFunctions } from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { OutcomeUnknownError } from '../../core/http/errors';
import { isTool } from './isTool';

type Context = Pick<
  IExecuteFunctions,
  'getNode' | 'getWorkflow' | 'getExecutionId' | 'getWorkflowDataProxy'
> &
  Partial<Pick<IExecuteFunctions, 'getExecutionContext'>>;

/** The outcome of an item's message in an earlier try of the step. */
interface Past {
  /** When it was first tried, in milliseconds since the epoch. */
  since: number;
  sent?: { outcome: unknown };
}

/** The maximum number of outcomes that are kept. n8n tries a step again soon, unless a person does it. */
const MOST_KNOWN = 10_000;
const known = new Map<string, Past>();

/**
 * A name for the message that a step sends for one item. It is the same each time n8n repeats the step, by Retry On Fail
 * or because a person retries a failed execution, and different for another execution, run or item.
 *
 * @param message the message and its place. The name of an AI Agent's tool depends on it, because n8n counts each try of
 *   a tool as a run
 * @returns undefined if n8n names no execution
 */
export function nameOfSending(
  context: Context,
  item: number,
  ...message: string[]
): string | undefined {
  // A failed execution that a person retries has another id, but the same beginning.
  const began = context.getExecutionContext?.()?.establishedAt ?? context.getExecutionId();
  if (!began) return undefined;
  const run: unknown = context.getWorkflowDataProxy(item).$runIndex;
  const place = isTool(context) ? message : [run, item, ...message];
  return JSON.stringify([context.getWorkflow().id, began, context.getNode().id, ...place]);
}

/**
 * Sends a message unless this process has already sent it in an earlier try of the step.
 *
 * @param name see {@link nameOfSending}; without a name the message is always sent
 * @param send gets the time at which an earlier try began that may have sent the message, if there was one
 */
export async function once<T>(
  name: string | undefined,
  send: (triedAt: number | undefined) => Promise<T>,
): Promise<T> {
  if (name === undefined) return await send(undefined);
  const past = known.get(name);
  if (past?.sent) return past.sent.outcome as T;
  const since = past?.since ?? systemClock.now();
  const sending = send(past?.since);
  await sending.then(
    (outcome) => note(name, { since, sent: { outcome } }),
    (error: unknown) => error instanceof OutcomeUnknownError && note(name, { since }),
  );
  return await sending;
}

function note(name: string, past: Past): void {
  known.delete(name);
  known.set(name, past);
  const [oldest] = known.keys();
  if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
}
