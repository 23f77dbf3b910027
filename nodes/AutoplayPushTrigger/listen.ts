import { NodeOperationError, type ITriggerFunctions, type ITriggerResponse } from 'n8n-workflow';
import type { Clock } from '../../core/clock';
import { StorageError } from '../../core/memory/errors';
import type { TriggerItem } from '../../core/payload/types';
import { dispatcherFor } from '../shared/batching/dispatcher';
import { createExecutions } from '../shared/batching/executions';
import { lookForWork } from '../shared/batching/lookForWork';
import { batchingFields, readCounts } from '../shared/batching/options';
import { showFailed } from '../shared/batching/showFailed';
import { readSurroundings } from '../shared/batching/surroundings';
import { operationError } from '../shared/nodeErrors';
import { listenToSteps } from '../shared/signals';
import { openIntake } from './intake';
import { filterOf } from './pushFilter';

/**
 * Takes what the node's webhook has remembered and starts executions with it, many sessions in one.
 * Parameters are read at once: see the stream trigger.
 */
export async function listen(context: ITriggerFunctions, clock: Clock): Promise<ITriggerResponse> {
  const options = readCounts(context, batchingFields);
  const filter = filterOf(context);
  const { remembersSessions, executionTimeout } = readSurroundings(context);
  const { name } = context.getNode();
  const closing = new AbortController();
  const execute = createExecutions(context, { clock, executionTimeout, signal: closing.signal });
  const dispatcher = dispatcherFor({
    name,
    options,
    remembersSessions,
    productId: '',
    clock,
    logger: context.logger,
    execute: (items) => execute(items.map(countedAsAdded)),
    // The memory has them, and a wake-up brings them back.
    onDropped: () => dispatcher.wakeUpInAMinute(),
    ...(filter && { leftOut: () => filter.take() }),
  });

  const stopLooking = await lookForWork(context, clock, () => dispatcher.wakeUpDue());
  let storageFails = false;
  const closeIntake = openIntake(context, {
    add: (batch) => dispatcher.add(batch),
    storage(error) {
      // It may have been stored in spite of the error. A repetition would then bring nothing new.
      if (error) dispatcher.wakeUpInAMinute();
      if (error && !storageFails) showFailed(context, notRemembered(context, error));
      storageFails = error !== undefined;
    },
  });
  const unlisten = listenToSteps(context.getWorkflow().id ?? '', {
    failed: () => dispatcher.wakeUpAfterFailure(),
    leftForLater: () => dispatcher.wakeUpInAMinute(),
    lookAgainAt: (time) => dispatcher.wakeUpAt(time),
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
    closeFunction: async () => {
      stopLooking();
      cancelWakeUp();
      // From now on, the webhook starts executions itself.
      closeIntake();
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
function notRemembered(context: ITriggerFunctions, cause: Error): NodeOperationError {
  const message = 'Pushed activity cannot be remembered, so the connector has to repeat it';
  const advice =
    cause instanceof NodeOperationError
      ? `. ${cause.description}`
      : cause instanceof StorageError
        ? `. ${cause.advice}`
        : '';
  const description = `${cause.message}${advice}`;
  return operationError(context.getNode(), cause, message, { description });
}
