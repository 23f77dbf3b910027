import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { Released } from '../../core/dispatcher/types';
import type { Problem } from '../../core/stream/problems';

/**
 * What steps tell their workflow's stream trigger, which otherwise learns only how its executions
 * ended. Works within one process: in queue mode executions run in others, and nobody hears it. Then a
 * session is released when its execution ends, and what was left behind is found in the memory
 * (`lookForWork`).
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

/** What a step says, to whoever listens. */
export interface Telling extends Omit<Signals, 'release'> {
  /** As {@link Signals.release}, of what each item brought; nothing for one that only names its session. */
  release(items: readonly INodeExecutionData[]): void;
}

/** Tells whoever listens to this workflow's steps. */
export function tellTrigger(workflowId: string | undefined): Telling {
  const all = [...(listeners.get(workflowId ?? '') ?? [])];
  return {
    failed: () => all.forEach((one) => one.failed()),
    leftForLater: () => all.forEach((one) => one.leftForLater()),
    problem: (problem) => all.forEach((one) => one.problem(problem)),
    release(items) {
      if (all.length === 0) return;
      for (const item of items) {
        const activity = broughtBy(item);
        if (activity) all.forEach((one) => one.release(activity));
      }
    },
  };
}

function broughtBy({ json }: INodeExecutionData): Released | undefined {
  const { product_id, session_id } = json;
  const actions = Array.isArray(json.actions) ? (json.actions as IDataObject[]) : [];
  const action_id = actions.at(-1)?.action_id;
  if (typeof session_id !== 'string' || typeof action_id !== 'string') return undefined;
  return { product_id: typeof product_id === 'string' ? product_id : '', session_id, action_id };
}
