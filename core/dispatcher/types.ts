import type { Clock } from '../clock';
import type { SessionBatch, TriggerItem } from '../payload/types';

/** When a waiting session becomes due, and how many actions may wait. */
export interface WaitingLimits {
  /** Due after this long without a new action, in milliseconds. */
  quietMs: number;
  /** Due this long after the first waiting action, however busy the session is, in milliseconds. */
  maxDelayMs: number;
  /** How many actions may wait in all. Beyond that the oldest are dropped. */
  maxWaiting: number;
}

/** How an execution ended. After `failed`, work may be unfinished, but no actions are lost. */
export type ExecutionResult = 'done' | 'failed';

export interface DispatcherOptions extends Partial<WaitingLimits> {
  /** The product that a wake-up names. */
  productId: string;
  clock: Clock;
  /** Starts one execution and settles when it has ended. A rejection counts as `failed`. */
  dispatch(items: TriggerItem[]): Promise<ExecutionResult>;
  /** Whether to send wake-ups. Only a step that remembers sessions understands them. Default true. */
  wakeUps?: boolean;
  /**
   * How many executions may hold sessions at a time. Default 2. Four times as many may run, counting those
   * that have released their sessions, and more once some have run for long.
   */
  maxParallel?: number;
  /** The most sessions in one execution. Default 200. */
  maxSessions?: number;
  /** No session is added to an execution once it has this many actions. Default 10,000. */
  maxActions?: number;
}

/** How long `flush` waits, in milliseconds. */
export interface FlushTimes {
  /** For executions that are running, so that the last actions of their sessions follow in order. Default 4,000. */
  releaseMs?: number;
  /** For the executions that `flush` starts, so that n8n has taken them over. Default 2,000. */
  startMs?: number;
}

interface DispatcherStats {
  /** Actions that are waiting. */
  waiting: number;
  /** Sessions that are waiting or in an execution. */
  sessions: number;
  /** Executions that are running. */
  running: number;
  /** These four count since the start. */
  executions: number;
  failed: number;
  wakeUps: number;
  dropped: number;
}

/**
 * That a step has taken over a session, by an action that it was given. The session alone would not do: the step may belong
 * to another execution than the one that holds the session now.
 */
export interface Released {
  product_id: string;
  session_id: string;
  action_id: string;
}

export interface Dispatcher {
  /** Takes in a batch; ignored after `flush` or `stop`. Constant time. */
  add(batch: SessionBatch): void;
  /** Sends a wake-up as soon as there is room for an execution, and another a minute later. */
  wakeUp(): void;
  /** Sends a wake-up with `only_due`, unless another wake-up is about to go. */
  wakeUpDue(): void;
  /**
   * The same at a time to come, in milliseconds since the epoch, or up to `withinMs` later, 5 s by default: wake-ups for many
   * sessions at about the same time are one.
   */
  wakeUpAt(time: number, withinMs?: number): void;
  /** Sends the wake-ups that follow a failed execution, for a failure outside of these executions. */
  wakeUpAfterFailure(): void;
  /** Sends a wake-up a minute after the last call, for work that was left for a quieter time. */
  wakeUpInAMinute(): void;
  /**
   * Lets a session go into another execution although its present one is still running: everything that has
   * to happen in order is done. Does nothing if the session is in none, or in one with other activity.
   */
  release(activity: Released): void;
  /**
   * Takes nothing in any more, starts executions for everything that waits, in due order and without regard
   * to limits, and resolves when n8n has them. Repeated calls share the result of the first.
   */
  flush(times?: FlushTimes): Promise<void>;
  /** Stops at once and drops everything that waits. */
  stop(): void;
  stats(): DispatcherStats;
}
