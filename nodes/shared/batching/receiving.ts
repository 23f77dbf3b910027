import { NodeOperationError, type ITriggerFunctions } from 'n8n-workflow';
import type { Clock } from '../../../core/clock';
import type { Dispatcher } from '../../../core/dispatcher/types';
import { StorageError } from '../../../core/memory/errors';
import type { TriggerItem } from '../../../core/payload/types';
import { operationError } from '../nodeErrors';
import { listenToSteps, MOMENT_WITHIN_MS } from '../signals';
import { dispatcherFor } from './dispatcher';
import { createExecutions } from './executions';
import { lookForWork } from './lookForWork';
import { batchingFields, readCounts } from './options';
import { showFailed } from './showFailed';
import { readSurroundings } from './surroundings';

/** What starts executions with activity that a webhook took in and the memory has stored. */
export interface Receiving {
  dispatcher: Dispatcher;
  /** Reports that the memory cannot be reached, or, without an error, that it can. @param message what follows from it */
  storage(error?: Error, message?: string): void;
  /** Starts executions for everything that waits, and ends. */
  close(): Promise<void>;
}

/**
 * Wires a trigger beside a webhook to n8n. Parameters are read before it returns: see the stream trigger.
 *
 * @param sender what repeats a delivery that could not be stored, in a sentence
 * @param leftOut how many actions a filter left out since the last call
 */
export async function receiving(
  context: ITriggerFunctions,
  clock: Clock,
  { sender, leftOut }: { sender: string; leftOut?: (() => number) | undefined },
): Promise<Receiving> {
  const options = readCounts(context, batchingFields);
  const { remembersSessions, executionTimeout } = readSurroundings(context);
  const { name } = context.getNode();
  const closing = new AbortController();
  const execute = createExecutions(context, { clock, executionTimeout, signal: closing.signal });
  const looking = await lookForWork(context, clock, {
    onDue: () => dispatcher.wakeUpDue(),
    onMomentAt: (time) => dispatcher.wakeUpAt(time, MOMENT_WITHIN_MS),
  });
  const dispatcher = dispatcherFor({
    name,
    options,
    remembersSessions,
    productId: '',
    clock,
    logger: context.logger,
    execute: (items) => execute(items.map(countedAsAdded)).finally(looking.ended),
    // The memory has them, and a wake-up brings them back.
    onDropped: () => dispatcher.wakeUpInAMinute(),
    ...(leftOut && { leftOut }),
  });

  let storageFails = false;
  const unlisten = listenToSteps(context.getWorkflow().id ?? '', {
    failed: () => dispatcher.wakeUpAfterFailure(),
    leftForLater: () => dispatcher.wakeUpInAMinute(),
    lookAgainAt: (time, withinMs) => dispatcher.wakeUpAt(time, withinMs),
    problem: ({ message, advice }) =>
      showFailed(
        context,
        operationError(context.getNode(), new Error(message), message, { description: advice }),
      ),
    release: (activity) => dispatcher.release(activity),
  });
  // After a crash between answer and execution, the activity is in the memory. n8n has to take the trigger first.
  const cancelWakeUp = clock.after(0, () => dispatcher.wakeUp());

  return {
    dispatcher,
    storage(
      error,
      message = `Pushed activity cannot be remembered, so ${sender} has to repeat it`,
    ) {
      // It may have been stored in spite of the error. A repetition would then bring nothing new.
      if (error) dispatcher.wakeUpInAMinute();
      if (error && !storageFails) showFailed(context, notRemembered(context, error, message));
      storageFails = error !== undefined;
    },
    async close() {
      looking.stop();
      cancelWakeUp();
      await dispatcher.flush();
      unlisten();
      closing.abort();
    },
  };
}

/** Says how many actions are new, because Remember finds all of them stored already. */
function countedAsAdded(item: TriggerItem): TriggerItem {
  return item.type === 'actions' ? { ...item, added: item.count } : item;
}

/** Activity that was pushed could not be stored. */
function notRemembered(
  context: ITriggerFunctions,
  cause: Error,
  message: string,
): NodeOperationError {
  const advice =
    cause instanceof NodeOperationError
      ? `. ${cause.description}`
      : cause instanceof StorageError
        ? `. ${cause.advice}`
        : '';
  const description = `${cause.message}${advice}`;
  return operationError(context.getNode(), cause, message, { description });
}
