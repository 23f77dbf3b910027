import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { ConversationGoneError } from '../../core/delivery/destination';
import type { NamedMemory } from '../../core/memory/named';
import type { SessionRef } from '../../core/memory/types';
import { sessionName } from '../../core/identity';
import { asNodeError } from './nodeErrors';
import { tellTrigger } from './signals';

type Context = Pick<
  IExecuteFunctions,
  'getNode' | 'getWorkflow' | 'continueOnFail' | 'getInputData'
>;

/** Items worked on at the same time, unless the step has an order of its own. */
const ITEMS_AT_ONCE = 50;

/**
 * Runs `work` for every item, several at a time, and keeps the items' order. One that fails does
 * not stop the others: with "On Error: Continue" it comes out carrying its error, else the first
 * error is thrown once all are done.
 *
 * @param prepare what all items need; when it fails they all do. (Thrown outside of the items, its
 *   error would make n8n pass them on by the first output, as if all had gone well.)
 * @param work returns what comes out for one item; `pairedItem` is added where it is missing
 * @param options.retried whether what failed is tried again by itself, for the advice in errors
 * @param options.atOnce how many items are worked on at the same time
 */
export async function eachItem<T>(
  context: Context,
  prepare: () => Promise<T>,
  work: (prepared: T, item: INodeExecutionData, index: number) => Promise<INodeExecutionData[]>,
  { retried = false, atOnce = ITEMS_AT_ONCE }: { retried?: boolean; atOnce?: number } = {},
): Promise<INodeExecutionData[]> {
  const items = context.getInputData();
  const results: INodeExecutionData[][] = items.map(() => []);
  const failures: Error[] = [];
  const prepared = prepare();
  // Each item waits for it and hears of its failure; without items nobody does.
  prepared.catch(() => undefined);
  // One for all workers: each takes the next item that nobody has taken.
  const queue = items.entries();

  async function worker(): Promise<void> {
    for (const [index, item] of queue) {
      try {
        const outs = await work(await prepared, item, index);
        results[index] = outs.map((out) => withFiles(context, out, item));
      } catch (thrown) {
        const where = { about: about(item), itemIndex: index, retried };
        const error = asNodeError(context.getNode(), thrown, where);
        failures.push(error);
        const failed = { json: { ...passedOn(context, item.json), error: error.message }, error };
        results[index] = [withFiles(context, failed, item)];
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));

  const [first] = failures;
  if (first && retried) tellTrigger(context.getWorkflow().id).failed();
  if (first && !context.continueOnFail()) throw first;
  return results.flatMap((outs, index) =>
    // An item that is paired already stays the same object: its maker may look for it.
    outs.map((out) => (out.pairedItem ? out : { ...out, pairedItem: { item: index } })),
  );
}

/** The same item, its maker may look for it, with the files of the one it was made of. */
function withFiles(
  context: Pick<Context, 'getNode'>,
  out: INodeExecutionData,
  { binary }: INodeExecutionData,
): INodeExecutionData {
  if (binary && !isTool(context)) out.binary ??= binary;
  return out;
}

/**
 * The fields of an incoming item that go out again beside what a step found out: all of them. A tool of an AI
 * Agent passes none on, for its answer is read by the model, and what comes in is the agent's own item mixed
 * with the arguments of the call.
 */
export function passedOn(context: Pick<Context, 'getNode'>, json: IDataObject): IDataObject {
  return isTool(context) ? {} : json;
}

/** An item for which there was nothing to do, as its session has no conversation: as it came, or what a model needs to know. */
export function notLinked(
  context: Pick<Context, 'getNode'>,
  item: INodeExecutionData,
): INodeExecutionData {
  return isTool(context) ? { json: { status: 'not_linked' } } : item;
}

/**
 * Whether an AI Agent calls the node as its tool. The name of the type tells; n8n's `isToolExecution` is false where
 * the agent has its tools carried out as steps of the execution.
 */
export function isTool(context: Pick<Context, 'getNode'>): boolean {
  return /Tool$/.test(context.getNode().type);
}

/**
 * The outcome of `work`; the error itself when the conversation is gone, which people are told.
 * Its session is no longer linked then, and the item goes on without a conversation.
 */
export async function unlessGone<T>(
  context: Pick<IExecuteFunctions, 'addExecutionHints'>,
  work: Promise<T>,
): Promise<T | ConversationGoneError> {
  return await work.catch((error: unknown) => {
    if (!(error instanceof ConversationGoneError)) throw error;
    tellOfGone(context, error);
    return error;
  });
}

/** The outcome of `work`; undefined when the conversation is gone. */
export async function ifNotGone<T>(work: Promise<T>): Promise<T | undefined> {
  return await work.catch((error: unknown) => {
    if (!(error instanceof ConversationGoneError)) throw error;
    return undefined;
  });
}

/** Tells people that a session has lost its conversation. */
export function tellOfGone(
  context: Pick<IExecuteFunctions, 'addExecutionHints'>,
  { message }: ConversationGoneError,
): void {
  context.addExecutionHints({
    message: `${message}. Its session is not linked any more; it may be linked to another conversation.`,
    type: 'warning',
  });
}

/** Which session or conversation an item is about, in words. */
function about({ json: { session_id, conversation_id } }: INodeExecutionData): string {
  const named = [
    typeof session_id === 'string' && sessionName(session_id),
    typeof conversation_id === 'string' && `conversation ${conversation_id}`,
  ];
  return named.filter(Boolean).join(', ');
}

/** The session an item belongs to; undefined when it names none (a visitor nobody has seen yet). */
export function sessionOf(
  memory: NamedMemory,
  { json }: INodeExecutionData,
): SessionRef | undefined {
  const { session_id, product_id } = json;
  if (typeof session_id !== 'string' || session_id === '') return undefined;
  return memory.session({
    product_id: typeof product_id === 'string' ? product_id : '',
    session_id,
  });
}
