import type { ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import { problemError } from '../nodeErrors';
import { listenToSteps } from '../signals';
import { createExecutions } from './executions';
import { createListener, type ListenerOptions } from './listener';
import { lookForWork } from './lookForWork';
import { showFailed } from './showFailed';

/** Follows a source for a published workflow and starts executions with what it brings, until n8n closes the trigger. */
export async function followSource(
  context: ITriggerFunctions,
  parts: Omit<ListenerOptions, 'execute' | 'onProblem' | 'onState'>,
): Promise<ITriggerResponse> {
  const { clock, settings } = parts;
  const closing = new AbortController();
  const listener = createListener({
    ...parts,
    execute: createExecutions(context, {
      clock,
      executionTimeout: settings.executionTimeout,
      signal: closing.signal,
    }),
    // Not emitError: that closes this listener and registers another, five times and then never.
    onProblem: (problem) => showFailed(context, problemError(context.getNode(), problem)),
  });
  const stopLooking = await lookForWork(context, clock, () => listener.workIsDue());
  listener.start();
  const unlisten = listenToSteps(context.getWorkflow().id ?? '', listener);
  return {
    closeFunction: async () => {
      stopLooking();
      // Until the end: sessions that steps release meanwhile can still be handed over in order.
      await listener.close();
      unlisten();
      closing.abort();
    },
  };
}
