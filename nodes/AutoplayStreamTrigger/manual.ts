import type { ITriggerFunctions, ITriggerResponse, NodeOperationError } from 'n8n-workflow';
import type { Problem } from '../../core/stream/problems';
import { toN8nItems } from '../shared/batching/executions';
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
  let opened = false;
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
    onProblem: fail,
    onState(state) {
      if (state.name === 'waiting') fail(noStream(state.reason));
      opened ||= state.name === 'open';
      if (state.name !== 'waiting') resolve();
    },
  });

  function fail(problem: Problem): void {
    // Once the stream was open, a break is mended like any other.
    if (opened) return;
    reject(asError(problem));
    // n8n does not close a trigger whose start failed.
    void listener.stop();
  }

  return {
    closeFunction: () => listener.stop(),
    async manualTriggerFunction() {
      listener.start();
      await ready;
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
