import type { UnknownVisitor } from '../../core/backfill/backfill';
import type { Released } from '../../core/dispatcher/types';
import type { Problem } from '../../core/stream/problems';

/**
 * What steps report to their workflow's trigger, which otherwise learns only how its executions ended. This works within
 * one process. In queue mode executions run in other processes: there, `release.ts` uses n8n's own way back to the
 * trigger, and unfinished work is found in the memory (`lookForWork`).
 */
export interface Signals {
  /** A step failed and left work behind, whose visitors may never act again. */
  failed(): void;
  /** A step left work for a quieter time. */
  leftForLater(): void;
  /**
   * A step left work that is due at this time, in milliseconds since the epoch, or at most `withinMs` later, which is 5 s by
   * default.
   */
  lookAgainAt(time: number, withinMs?: number): void;
  /** There is a problem that people should see. */
  problem(problem: Problem): void;
  /** The trigger may pass on more activity of a session while the execution runs: the order no longer depends on it. */
  release(activity: Released): void;
  /**
   * A conversation waits for a visitor of whom no session is known. Missing in triggers that cannot ask what a visitor did.
   * Nothing hears it in queue mode: then the conversation waits until the stream names a session.
   */
  unknownVisitor?(visitor: UnknownVisitor): void;
}

/** How much later than planned a detector may look at a session, in milliseconds. */
export const MOMENT_WITHIN_MS = 250;

const listeners = new Map<string, Set<Signals>>();

/** Listens to the steps of a workflow. Returns a function that ends it. */
export function listenToSteps(workflowId: string, signals: Signals): () => void {
  const ofWorkflow = listeners.get(workflowId) ?? new Set();
  listeners.set(workflowId, ofWorkflow.add(signals));
  return () => {
    ofWorkflow.delete(signals);
    // At a second call, other listeners may have a new set.
    if (ofWorkflow.size === 0 && listeners.get(workflowId) === ofWorkflow) {
      listeners.delete(workflowId);
    }
  };
}

/** Reports to all listeners of this workflow. */
export function tellTrigger(
  workflowId: string | undefined,
): Required<Signals> & { isHeard: boolean } {
  const all = [...(listeners.get(workflowId ?? '') ?? [])];
  return {
    isHeard: all.length > 0,
    failed: () => all.forEach((one) => one.failed()),
    leftForLater: () => all.forEach((one) => one.leftForLater()),
    lookAgainAt: (time, withinMs) => all.forEach((one) => one.lookAgainAt(time, withinMs)),
    problem: (problem) => all.forEach((one) => one.problem(problem)),
    release: (activity) => all.forEach((one) => one.release(activity)),
    unknownVisitor: (visitor) => all.forEach((one) => one.unknownVisitor?.(visitor)),
  };
}
