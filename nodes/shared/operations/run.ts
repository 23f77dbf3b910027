import type {
  IBinaryKeyData,
  IDataObject,
  IExecuteFunctions,
  INodeExecutionData,
  NodeApiError,
  NodeOperationError,
} from 'n8n-workflow';
import type { Failure } from '../../../core/failures';
import { sessionName } from '../../../core/identity';
import { FAILED } from '../batching/executions';
import { failureOf, failuresOf, repeatsFailures, subjectOf } from '../failures';
import { asNodeError } from '../nodeErrors';
import { tellTrigger } from '../signals';
import { isTool } from '../isTool';
import { parametersOf, type Parameters } from './parameters';

/** One incoming item, and the node's parameters for it. */
export interface Item extends Parameters {
  context: IExecuteFunctions;
  /** Its place among the items that came in. */
  index: number;
  json: IDataObject;
  /** Its files. */
  binary?: IBinaryKeyData | undefined;
}

/** What came of one item. */
export interface Outcome {
  /** What the step found out. It goes out beside the fields that came in. */
  json: IDataObject;
  /** Fields of the items that leave in the place of this one, without its fields and files; not for a tool. */
  each?: readonly IDataObject[];
  /** What the model of an AI Agent is answered instead of `json` where the node is its tool. */
  toModel?: IDataObject;
  /** The number of the output it leaves by; the first one without it, and for a tool. */
  output?: number;
  /** Whether work is left that no other step will do: the trigger then sends a wake-up later. */
  leftForLater?: boolean;
  /** When this item's work is due again, in milliseconds since the epoch: the trigger then sends a wake-up. */
  lookAgainAt?: number;
  /** Whether a service did something for the item, which shows that it works. */
  worked?: boolean;
  /** Why nothing was done, in sentences. The execution shows it once for all items that share it. */
  hint?: string;
  /** Called once every item has its outcome. What it returns replaces this outcome. */
  afterAll?: () => Promise<Outcome | undefined>;
}

/** What a step does with its items. */
export interface Work {
  /**
   * Sets up what all items need, and returns what to do with one. When it fails, every item fails. (An error that is
   * thrown outside of the items would make n8n pass them on by the first output, as if all had gone well.)
   */
  begin(context: IExecuteFunctions): Promise<(item: Item) => Promise<Outcome>>;
  /** The number of the node's outputs. */
  outputs?: number;
  /**
   * Whether failed work is tried again by itself. Errors then say so, the trigger sends a wake-up, and what has been shown
   * is not shown each time it fails again (see {@link Failures}).
   */
  retried?: boolean;
  /** How many items are worked on at the same time; 50 by default. */
  atOnce?: number;
}

const ITEMS_AT_ONCE = 50;

/**
 * Works on all items, several at a time, and keeps their order. An item that fails does not stop the others: with
 * "On Error: Continue" it comes out with its error, otherwise the first error is thrown once all items are done. Of work
 * that is retried, a failure that was shown before neither comes out by the error output nor is it thrown: the item is
 * left out, and a hint says so.
 *
 * @returns the items of each output, paired with those that came in
 * @throws NodeOperationError, NodeApiError
 */
export async function runItems(
  context: IExecuteFunctions,
  { begin, outputs = 1, retried = false, atOnce = ITEMS_AT_ONCE }: Work,
): Promise<INodeExecutionData[][]> {
  const items = itemsOf(context);
  const trigger = tellTrigger(context.getWorkflow().id);
  const results: Array<Outcome | Error> = [];
  const failures = new Map<Item, Failure>();
  const attempt = async (item: Item, work: () => Promise<Outcome>) => {
    try {
      const outcome = await work();
      if (outcome.leftForLater) trigger.leftForLater();
      if (outcome.lookAgainAt !== undefined) trigger.lookAgainAt(outcome.lookAgainAt);
      results[item.index] = outcome;
    } catch (thrown) {
      failures.set(item, failureOf(item, thrown));
      const where = { about: about(item), itemIndex: item.index, retried };
      results[item.index] = asNodeError(context.getNode(), thrown, where);
    }
  };

  const begun = begin(context);
  // Each item waits for it and reports its failure. Without items there is nothing to report.
  begun.catch(() => undefined);
  // All workers share it: each takes the next item that is left.
  const queue = items.values();
  async function worker(): Promise<void> {
    for (const item of queue) await attempt(item, async () => await (await begun)(item));
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  const afterAll = async (item: Item) => {
    const before = results[item.index];
    if (before instanceof Error || !before?.afterAll) return;
    await attempt(
      item,
      async () => (await before.afterAll?.()) ?? { ...before, leftForLater: false },
    );
  };
  await Promise.all(items.map(afterAll));

  showHints(context, results);
  if (failures.size > 0 && retried) trigger.failed();
  const quiet = retried ? settle(context, items, results, failures) : new Set();
  const failure = results.find((one): one is Error => one instanceof Error && !quiet.has(one));
  if (failure && !context.continueOnFail()) throw failure;
  // The execution may succeed all the same: its trigger has to know that work is left.
  if (failures.size > 0 && retried) context.customData?.set(FAILED, String(failures.size));
  const out: INodeExecutionData[][] = Array.from({ length: outputs }, () => []);
  for (const [index, result] of results.entries()) {
    if (quiet.has(result)) continue;
    const output = result instanceof Error || isTool(context) ? 0 : (result.output ?? 0);
    out[output]!.push(...leaving(items[index]!, result));
  }
  return out;
}

/** Shows each hint once, with the number of items that it is about. */
function showHints(context: IExecuteFunctions, results: ReadonlyArray<Outcome | Error>): void {
  const counts = new Map<string, number>();
  for (const result of results) {
    if (result instanceof Error || !result?.hint) continue;
    counts.set(result.hint, (counts.get(result.hint) ?? 0) + 1);
  }
  for (const [hint, count] of counts) {
    const message = count > 1 ? `${count} items: ${hint}` : hint;
    context.addExecutionHints({ message, type: 'info' });
  }
}

/**
 * Reports how the items of a step ended.
 * @returns the errors that are not to be shown, because their cause has been shown before or others are shown instead
 */
function settle(
  context: IExecuteFunctions,
  items: readonly Item[],
  results: ReadonlyArray<Outcome | Error>,
  failed: ReadonlyMap<Item, Failure>,
): Set<unknown> {
  const quiet = new Set<unknown>();
  if (!repeatsFailures(context)) return quiet;
  const failures = failuresOf(context.getWorkflow().id ?? '');
  for (const item of items) {
    const result = results[item.index];
    if (result && !(result instanceof Error)) {
      failures.succeeded(subjectOf(item), result.worked ?? false);
    }
  }
  const all = [...failed];
  const shown = failures.failed(
    context.getExecutionId() ?? '',
    all.map(([, failure]) => failure),
  );
  for (const [i, [{ index }]] of all.entries()) if (i !== shown) quiet.add(results[index]);
  if (quiet.size > 0) hintQuiet(context, [...quiet] as Error[]);
  return quiet;
}

function hintQuiet(context: IExecuteFunctions, [first, ...others]: Error[]): void {
  const more = others.length > 0 ? ` ${others.length} more items failed as well.` : '';
  context.addExecutionHints({
    message: `${first?.message}.${more} Each cause shows as a failed execution once, and again after an hour unless it works before. The work is tried again by itself.`,
    type: 'warning',
  });
}

/** The items that came in. */
export function itemsOf(context: IExecuteFunctions): Item[] {
  return context.getInputData().map(({ json, binary }, index) => ({
    ...parametersOf(context, index),
    ...{ context, index, json, binary },
  }));
}

/** What leaves the node for an item: as a rule, one item. */
function leaving(item: Item, result: Outcome | Error): INodeExecutionData[] {
  if (result instanceof Error || !result.each || isTool(item.context)) return [outOf(item, result)];
  return result.each.map((json) => ({ json, pairedItem: { item: item.index } }));
}

/** An item that leaves the node: with the fields, unless the node is a tool, of the one that came in. */
export function outOf(item: Item, result: Outcome | Error): INodeExecutionData {
  const { context } = item;
  // A tool passes on nothing: its answer is read by a model, and what comes in is the agent's own item mixed with
  // the arguments of the call.
  const tool = isTool(context);
  const came = tool ? {} : item.json;
  if (result instanceof Error) {
    const error = asNodeError(context.getNode(), result);
    const shown = tool ? error : withAdvice(error);
    return { ...made(item, { ...came, error: shown.message }), error: shown };
  }
  const found = (tool && result.toModel) || result.json;
  // What was found out comes first, because it is what people look for in the output.
  return made(item, { ...found, ...came, ...found });
}

/** The error with what to do in its message: n8n passes nothing else of it on to the steps behind the error output. */
function withAdvice(error: NodeApiError | NodeOperationError): NodeApiError | NodeOperationError {
  const { message, description } = error;
  if (!description) return error;
  const copy = Object.create(Object.getPrototypeOf(error) as object) as typeof error;
  return Object.assign(copy, error, { message: `${message}. ${description}` });
}

/** An item of these fields alone, paired with the one that it was made of, and with its files. */
export function made({ context, index, binary }: Item, json: IDataObject): INodeExecutionData {
  const files = binary && !isTool(context) && { binary };
  return { json, pairedItem: { item: index }, ...files };
}

/** Which session or conversation an item is about, in words. */
function about({ json: { session_id, conversation_id } }: Item): string {
  const named = [
    typeof session_id === 'string' && sessionName(session_id),
    typeof conversation_id === 'string' && `conversation ${conversation_id}`,
  ];
  return named.filter(Boolean).join(', ');
}
