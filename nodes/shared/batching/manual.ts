import type { ITriggerFunctions, ITriggerResponse, NodeOperationError } from 'n8n-workflow';
import type { Problem } from '../../../core/stream/problems';
import { toN8nItems } from './executions';
import { createListener, type ListenerOptions } from './listener';

/** As long as n8n waits for a webhook in a test. A published workflow waits without limit. */
export const WAIT_MS = 120_000;

type Parts = Omit<ListenerOptions, 'execute' | 'onProblem' | 'onState'> & {
  /** What to say if nothing came. */
  nothingCame: string;
  /** What to say if there is no stream, for a reason. */
  checkWay: string;
};

/**
 * A test run in the editor: the first activity ends it. If there is no stream, the test fails at once instead of
 * trying again; if nothing comes, it fails after a while.
 */
export function listenOnce(
  context: Pick<ITriggerFunctions, 'emit' | 'emitError'>,
  { nothingCame: advice, checkWay, ...parts }: Parts,
  asError: (problem: Problem) => NodeOperationError,
): ITriggerResponse {
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  let opened = false;
  let stopWaiting = () => {};
  const listener = createListener({
    ...parts,
    // A wake-up would end the test with an item that shows nothing.
    settings: { ...parts.settings, remembersSessions: false },
    async execute(items) {
      // n8n looks at the first emit only, and closes while the workflow still runs.
      void stop();
      context.emit([toN8nItems(items)]);
      return 'done';
    },
    onProblem: fail,
    onState(state) {
      if (state.name === 'waiting') fail(noStream(state.reason, checkWay));
      if (state.name === 'open' && !opened) {
        opened = true;
        stopWaiting = parts.clock.after(WAIT_MS, giveUp);
      }
      if (state.name !== 'waiting') resolve();
    },
  });

  function fail(problem: Problem): void {
    // A stream that was open before is reconnected as in a published workflow.
    if (opened) return;
    reject(asError(problem));
    // n8n does not close a trigger whose start failed.
    void stop();
  }

  function giveUp(): void {
    void stop();
    context.emitError(asError(nothingCame(advice)));
  }

  async function stop(): Promise<void> {
    stopWaiting();
    await listener.stop();
  }

  return {
    closeFunction: stop,
    async manualTriggerFunction() {
      listener.start();
      await ready;
    },
  };
}

/** A test that cannot go on, because there is no stream. */
export function noStream(reason: string, advice: string): Problem {
  return { code: 'unreachable', message: `No activity can arrive: ${reason}.`, advice };
}

/** A test that has waited in vain. */
export function nothingCame(advice: string): Problem {
  const message = `No activity came within ${WAIT_MS / 60_000} minutes.`;
  return { code: 'nothing_came', message, advice };
}
