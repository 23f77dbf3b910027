import type { ITriggerFunctions, ITriggerResponse, NodeOperationError } from 'n8n-workflow';
import type { Problem } from '../../core/stream/problems';
import { toN8nItems } from './executions';
import { createListener, type ListenerOptions } from './listener';

type Parts = Omit<ListenerOptions, 'execute' | 'onProblem' | 'onState'>;

/**
 * A test run in the editor: the first activity ends it, and whoever looks at the screen is told at
 * once when there is no stream, instead of it being tried again.
 */
export function listenOnce(
  context: Pick<ITriggerFunctions, 'emit'>,
  parts: Parts,
  asError: (problem: Problem) => NodeOperationError,
): ITriggerResponse {
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const listener = createListener({
    ...parts,
    // A wake-up would end the test with an item that shows nothing.
    settings: { ...parts.settings, remembersSessions: false },
    async execute(items) {
      // n8n looks at the first emit only, and closes while the workflow still runs.
      void listener.stop();
      context.emit([toN8nItems(items)]);
      return 'done';
    },
    // Once the stream was open these change nothing: a break is then mended like any other.
    onProblem: (problem) => reject(asError(problem)),
    onState(state) {
      if (state.name === 'waiting') reject(asError(noStream(state.reason)));
      else resolve();
    },
  });

  return {
    closeFunction: () => listener.stop(),
    manualTriggerFunction: async () => {
      listener.start();
      try {
        await ready;
      } catch (error) {
        // n8n does not close a trigger whose start failed.
        await listener.stop();
        throw error;
      }
    },
  };
}

function noStream(reason: string): Problem {
  return {
    code: 'unreachable',
    message: `No activity can arrive: ${reason}.`,
    advice: 'Check that the connector is running and that this n8n can reach it.',
  };
}
