import type { ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import { problemError } from '../nodeErrors';
import { listenToSteps } from '../signals';
import { createExecutions } from './executions';
import { createListener, type ListenerOptions } from './listener';
import { MOMENT_WITHIN_MS } from '../signals';
import { lookForWork } from './lookForWork';
import { showFailed } from './showFailed';

/** Follows a source for a published workflow and starts executions with what it brings, until n8n closes the trigger. */
export async function followSource(
  context: ITriggerFunctions,
  parts: Omit<ListenerOptions, 'execute' | 'onProblem' | 'onState'>,
): Promise<ITriggerResponse> {
  const { clock, settings } = parts;
  const closing = new AbortController();
  const execute = createExecutions(context, {
    clock,
    executionTimeout: settings.executionTimeout,
    signal: closing.signal,
  });
  const looking = await lookForWork(context, clock, {
    onDue: () => listener.workIsDue(),
    onMomentAt: (time) => listener.lookAgainAt(time, MOMENT_WITHIN_MS),
  });
  const listener = createListener({
    ...parts,
    execute: (items) => execute(items).finally(looking.ended),
    // Not emitError: that closes this listener and registers another, five times and then never.
    onProblem: (problem) => showFailed(context, problemError(context.getNode(), problem)),
  });
  listener.start();
  const unlisten = listenToSteps(context.getWorkflow().id ?? '', listener);
  return {
    closeFunction: async () => {
      looking.stop();
      // Until the end: sessions that steps release meanwhile can still be handed over in order.
      await listener.close();
      unlisten();
      closing.abort();
    },
  };
}
