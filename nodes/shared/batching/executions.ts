import type {
  IDataObject,
  IExecuteResponsePromiseData,
  IRun,
  ITriggerFunctions,
} from 'n8n-workflow';
import { wait, type Clock } from '../../../core/clock';
import type { ExecutionResult } from '../../../core/dispatcher/types';
import type { TriggerItem } from '../../../core/payload/types';
import { releasedBy } from '../release';
import { tellTrigger } from '../signals';

/**
 * An execution that has not ended this long after the workflow's own time limit counts as failed. Otherwise one that
 * n8n lost would hold its sessions for ever.
 */
const GUARD_MS = 600_000;

/** Timers cannot be set for longer; they would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The key of n8n's custom data of an execution under which a step says how many items failed, though the execution may
 * succeed.
 */
export const FAILED = 'autoplay_failed';

export interface ExecutionsOptions {
  clock: Clock;
  /** The workflow's own time limit in seconds; 0 when it has none. */
  executionTimeout: number;
  /** Ends every wait for an execution. */
  signal: AbortSignal;
  /** Says whether n8n is in queue mode; that of the process by default. */
  env?: NodeJS.ProcessEnv;
}

/**
 * Makes the function that starts an execution and resolves to how it ended. n8n queues executions without bound and
 * without a sign; it only settles a promise when one has ended. In queue mode, the function also passes on which
 * sessions the execution releases before that.
 */
export function createExecutions(
  context: Pick<ITriggerFunctions, 'emit' | 'getNode' | 'getWorkflow' | 'helpers' | 'logger'>,
  { clock, executionTimeout, signal, env = process.env }: ExecutionsOptions,
): (items: TriggerItem[]) => Promise<ExecutionResult> {
  const workflowId = context.getWorkflow().id;
  const guardMs = Math.min(executionTimeout * 1_000 + GUARD_MS, LONGEST_TIMER_MS);

  /** Repeats the releases of steps in a worker in this process, where the trigger hears them. */
  function answer() {
    if (env.EXECUTIONS_MODE !== 'queue') return undefined;
    const promise = context.helpers.createDeferredPromise<IExecuteResponsePromiseData>();
    promise.promise.then(
      (response) => releasedBy(response).forEach(tellTrigger(workflowId).release),
      // The end of the execution says whether it failed.
      () => {},
    );
    return promise;
  }

  return async (items) => {
    const done = context.helpers.createDeferredPromise<IRun>();
    const over = new AbortController();
    const end = () => over.abort();
    signal.addEventListener('abort', end, { once: true });
    const guard = wait(clock, guardMs, over.signal).then(() => 'guard' as const);
    const ended = done.promise.then(resultOf, () => 'failed' as const);
    let result: ExecutionResult | 'guard';
    try {
      context.emit([toN8nItems(items)], answer(), done);
      result = await Promise.race([ended, guard]);
    } finally {
      end();
      signal.removeEventListener('abort', end);
    }
    if (result !== 'guard') return result;
    if (!signal.aborted) {
      const minutes = Math.round(guardMs / 60_000);
      context.logger.warn(
        `${context.getNode().name}: an execution has not ended after ${minutes} minutes; its sessions go on without it`,
      );
    }
    return 'failed';
  };
}

/** One item per session. */
export function toN8nItems(items: readonly TriggerItem[]): { json: IDataObject }[] {
  return items.map((item) => ({ json: item as unknown as IDataObject }));
}

function resultOf(run: IRun | undefined): ExecutionResult {
  // Without a run, or while the execution waits, it has not failed.
  const bad = run?.status === 'error' || run?.status === 'crashed' || run?.status === 'canceled';
  const hasLeft = run?.data?.resultData?.metadata?.[FAILED] !== undefined;
  return bad || hasLeft ? 'failed' : 'done';
}
