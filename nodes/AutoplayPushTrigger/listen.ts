import { NodeOperationError, type ITriggerFunctions, type ITriggerResponse } from 'n8n-workflow';
import type { Clock } from '../../core/clock';
import { StorageError } from '../../core/memory/errors';
import type { TriggerItem } from '../../core/payload/types';
import { dispatcherFor } from '../shared/batching/dispatcher';
import { createExecutions } from '../shared/batching/executions';
import { lookForWork } from '../shared/batching/lookForWork';
import { BATCHING, batchingOptions, readNumbers } from '../shared/batching/options';
import { showFailed } from '../shared/batching/showFailed';
import { readSurroundings } from '../shared/batching/surroundings';
import { operationError } from '../shared/nodeErrors';
import { listenToSteps } from '../shared/signals';
import { openIntake } from './intake';

/**
 * Takes what the node's webhook has remembered and starts executions with it, many sessions in one.
 * Parameters are read at once: see the stream trigger.
 */
export async function listen(context: ITriggerFunctions, clock: Clock): Promise<ITriggerResponse> {
  const options = readNumbers(context, BATCHING, batchingOptions);
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
    // They are remembered: somebody only has to look.
    onDropped: () => dispatcher.wakeUpInAMinute(),
  });

  const stopLooking = await lookForWork(context, clock, () => dispatcher.wakeUpDue());
  let storageFails = false;
  const closeIntake = openIntake(context, {
    add: (batch) => dispatcher.add(batch),
    storage(error) {
      // It may have been stored all the same, and would then be no news when it is repeated.
      if (error) dispatcher.wakeUpInAMinute();
      if (error && !storageFails) showFailed(context, asError(context, error));
      storageFails = error !== undefined;
    },
  });
  const unlisten = listenToSteps(context.getWorkflow().id ?? '', {
    failed: () => dispatcher.wakeUpAfterFailure(),
    leftForLater: () => dispatcher.wakeUpInAMinute(),
    problem: ({ message, advice }) =>
      showFailed(
        context,
        operationError(context.getNode(), new Error(message), message, { description: advice }),
      ),
    release: (activity) => dispatcher.release(activity),
  });
  // What a crash left between answer and execution is in the memory. Not before n8n has taken the trigger.
  const cancelWakeUp = clock.after(0, () => dispatcher.wakeUp());

  return {
    closeFunction: async () => {
      stopLooking();
      cancelWakeUp();
      // What arrives from now on starts executions by itself.
      closeIntake();
      await dispatcher.flush();
      unlisten();
      closing.abort();
    },
  };
}

/** Remember would count none of them as new, since they are remembered already. */
function countedAsAdded(item: TriggerItem): TriggerItem {
  return item.type === 'actions' ? { ...item, added: item.count } : item;
}

function asError(context: ITriggerFunctions, cause: Error): NodeOperationError {
  const message = 'Pushed activity cannot be remembered, so the connector is told to repeat it';
  const advice =
    cause instanceof NodeOperationError
      ? `. ${cause.description}`
      : cause instanceof StorageError
        ? `. ${cause.advice}`
        : '';
  const description = `${cause.message}${advice}`;
  return operationError(context.getNode(), cause, message, { description });
}
