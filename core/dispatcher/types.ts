import type { Clock } from '../clock';
import type { SessionBatch, TriggerItem } from '../payload/types';

/** When a waiting session becomes due, and how much may wait. */
export interface WaitingLimits {
  /** Due after this long without a new action, in milliseconds. */
  quietMs: number;
  /** Due this long after the first waiting action, however busy the session is, in milliseconds. */
  maxDelayMs: number;
  /** How many actions may wait in all; beyond it the oldest are dropped. */
  maxWaiting: number;
}

/** How an execution ended. `failed` says that work may be unfinished, not that actions are lost. */
export type ExecutionResult = 'done' | 'failed';

export interface DispatcherOptions extends Partial<WaitingLimits> {
  /** The product that a wake-up names. */
  productId: string;
  clock: Clock;
  /** Starts one execution; settles when it has ended. A rejection counts as `failed`. */
  dispatch(items: TriggerItem[]): Promise<ExecutionResult>;
  /** Whether wake-ups are sent at all: only whoever remembers sessions understands one. Default true. */
  wakeUps?: boolean;
  /**
   * Executions at once that hold sessions. Default 2. Four times as many may run in all, the others being
   * those whose sessions were all released; and some more that have gone on for long.
   */
  maxParallel?: number;
  /** Sessions in one execution. Default 200. */
  maxSessions?: number;
  /** No session is added to an execution that has this many actions. Default 10,000. */
  maxActions?: number;
}

/** How long `flush` waits, in milliseconds. */
export interface FlushTimes {
  /** For sessions that are in an execution, so that their last actions follow in order. Default 4,000. */
  releaseMs?: number;
  /** For the executions it started itself, so that n8n surely knows of them. Default 2,000. */
  startMs?: number;
}

export interface DispatcherStats {
  /** Actions that wait now. */
  waiting: number;
  /** Sessions that wait or are in an execution now. */
  sessions: number;
  /** Executions running now. */
  running: number;
  /** Since the start: */
  executions: number;
  failed: number;
  wakeUps: number;
  dropped: number;
}

/**
 * What a step has come to of a session, by its last action. The session alone would not do: a step of
 * some other execution may be at the same one, and the execution that holds it may have just begun.
 */
export interface Released {
  product_id: string;
  session_id: string;
  action_id: string;
}

export interface Dispatcher {
  /** Takes in a batch; ignored once `flush` or `stop` was called. Constant time. */
  add(batch: SessionBatch): void;
  /** Dispatches a wake-up as soon as there is room for an execution. */
  wakeUp(): void;
  /** The same for what is due by its own pauses; none beside another wake-up. */
  wakeUpDue(): void;
  /** Something outside of these executions failed: wakes up as after one of them. */
  wakeUpLater(): void;
  /** Work was left for a quieter time: wakes up in a minute, counted from the last call. */
  lookLater(): void;
  /**
   * A session may be in another execution from now on, although the one it is in goes on: what has to
   * happen in order is done. Nothing for a session that is in none, or in one with other activity.
   */
  release(activity: Released): void;
  /**
   * Stops taking, dispatches everything that waits in due order, whatever the limit of executions,
   * and resolves when it has been handed over. Repeated calls share the first one's result.
   */
  flush(times?: FlushTimes): Promise<void>;
  /** Stops at once and lets go of everything that waits. */
  stop(): void;
  stats(): DispatcherStats;
}
