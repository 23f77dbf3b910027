import type { Released } from '../../core/dispatcher/types';
import type { Problem } from '../../core/stream/problems';

/**
 * What steps tell their workflow's stream trigger, which otherwise learns only how its executions
 * ended. Works within one process: in queue mode executions run in others, and nobody hears it. There
 * sessions are released by n8n's own way back to a trigger (`release.ts`), and what was left behind is
 * found in the memory (`lookForWork`).
 */
export interface Signals {
  /** A step failed and left work behind, in whatever execution: its visitors may never act again. */
  failed(): void;
  /** A step left work for a quieter time. */
  leftForLater(): void;
  /** Something is wrong that people should be told of. */
  problem(problem: Problem): void;
  /** More of a session's activity may come, although the execution goes on: order is kept without it. */
  release(activity: Released): void;
}

const listeners = new Map<string, Set<Signals>>();

/** Listens to the steps of a workflow; returns how to end that. */
export function listenToSteps(workflowId: string, signals: Signals): () => void {
  const ofWorkflow = listeners.get(workflowId) ?? new Set();
  listeners.set(workflowId, ofWorkflow.add(signals));
  return () => {
    ofWorkflow.delete(signals);
    // Others may have begun to listen since, when this is said twice.
    if (ofWorkflow.size === 0 && listeners.get(workflowId) === ofWorkflow) {
      listeners.delete(workflowId);
    }
  };
}

/** Tells whoever listens to this workflow's steps. */
export function tellTrigger(workflowId: string | undefined): Signals & { isHeard: boolean } {
  const all = [...(listeners.get(workflowId ?? '') ?? [])];
  return {
    isHeard: all.length > 0,
    failed: () => all.forEach((one) => one.failed()),
    leftForLater: () => all.forEach((one) => one.leftForLater()),
    problem: (problem) => all.forEach((one) => one.problem(problem)),
    release: (activity) => all.forEach((one) => one.release(activity)),
  };
}
