import type { IExecuteFunctions } from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { OutcomeUnknownError } from '../../core/http/errors';
import { isTool } from './items';

type Context = Pick<
  IExecuteFunctions,
  'getNode' | 'getWorkflow' | 'getExecutionId' | 'getWorkflowDataProxy'
> &
  Partial<Pick<IExecuteFunctions, 'getExecutionContext'>>;

/** What became of an item's message when the step was carried out before. */
interface Past {
  /** When it was first tried, in milliseconds since the epoch. */
  since: number;
  sent?: { outcome: unknown };
}

/** Items whose outcome is known. A second try comes soon, except where a person orders it. */
const MOST_KNOWN = 10_000;
const known = new Map<string, Past>();

/**
 * A name for what a step sends for one item, the same each time n8n carries the step out again: by Retry On Fail, or
 * because a person has a failed execution tried again. Another execution, run or item has another name.
 *
 * @param message what is sent, and where. A tool of an AI Agent is named by it: n8n counts each of its tries as a run
 * @returns undefined where n8n names no execution
 */
export function nameOfSending(
  context: Context,
  item: number,
  ...message: string[]
): string | undefined {
  // A failed execution that a person has tried again has another id, but goes on from the same beginning.
  const began = context.getExecutionContext?.()?.establishedAt ?? context.getExecutionId();
  if (!began) return undefined;
  const run: unknown = context.getWorkflowDataProxy(item).$runIndex;
  const place = isTool(context) ? message : [run, item, ...message];
  return JSON.stringify([context.getWorkflow().id, began, context.getNode().id, ...place]);
}

/**
 * Sends a message unless this process has sent it already, when the step was carried out before.
 *
 * @param name see {@link nameOfSending}; without one it is always sent
 * @param send is told when an earlier try began after which the message may have landed, if there was one
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
