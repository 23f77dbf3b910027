import type { ITriggerFunctions } from 'n8n-workflow';
import type { Clock } from '../../../core/clock';
import { createDispatcher } from '../../../core/dispatcher/dispatcher';
import type { Dispatcher, ExecutionResult } from '../../../core/dispatcher/types';
import type { TriggerItem } from '../../../core/payload/types';
import type { BatchingOptions } from './options';

export interface BatchingParts {
  /** The trigger's name, for the log. */
  name: string;
  options: BatchingOptions;
  /** Whether a later node can use a wake-up. */
  remembersSessions: boolean;
  /** The product that a wake-up names. */
  productId: string;
  clock: Clock;
  logger: ITriggerFunctions['logger'];
  /** Starts one execution; settles when it has ended. */
  execute(items: TriggerItem[]): Promise<ExecutionResult>;
  /** Waiting actions had to be dropped. */
  onDropped?(): void;
  /** How many actions were left out since the last call. */
  leftOut?(): number;
}

/** The dispatcher with a trigger's options. It logs what it drops. */
export function dispatcherFor(parts: BatchingParts): Dispatcher {
  const { name, options, remembersSessions, productId, clock, logger, execute, onDropped } = parts;
  const { leftOut = () => 0 } = parts;
  return createDispatcher({
    productId,
    clock,
    quietMs: options.quietPeriod,
    maxDelayMs: options.longestWait,
    maxParallel: options.executionsAtOnce,
    maxSessions: options.sessionsPerExecution,
    maxWaiting: options.mostWaitingActions,
    // A node that remembers nothing would take a wake-up for a visitor who did nothing.
    wakeUps: remembersSessions,
    dispatch(items) {
      const dropped = items.reduce((sum, item) => sum + droppedOf(item), 0);
      if (dropped > 0) {
        logger.warn(`${name}: ${dropped} waiting actions were dropped`);
        onDropped?.();
      }
      return execute(
        withCount(items, leftOut, (count) =>
          logger.debug(`${name}: ${count} actions were left out`),
        ),
      );
    },
  });
}

/** The items with the number of actions that were left out since the last ones, on the first that holds a session. */
function withCount(
  items: TriggerItem[],
  leftOut: () => number,
  onCount: (count: number) => void,
): TriggerItem[] {
  const [first, ...others] = items;
  if (first?.type !== 'actions') return items;
  const count = leftOut();
  if (count === 0) return items;
  onCount(count);
  return [{ ...first, left_out_actions: count }, ...others];
}

function droppedOf(item: TriggerItem): number {
  return item.type === 'actions' ? (item.dropped_actions ?? 0) : 0;
}
