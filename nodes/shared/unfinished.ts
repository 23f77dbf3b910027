/**
 * Tells a workflow's stream trigger that a step left work unfinished. The trigger learns of its own
 * executions; of those that a webhook started it does not, and their visitors may never act again.
 * Works within one process: where executions run in others, the next activity finds the work.
 */
const listeners = new Map<string, Set<() => void>>();

/** Calls `listener` whenever a step of the workflow leaves work; returns how to end that. */
export function onUnfinishedWork(workflowId: string, listener: () => void): () => void {
  const ofWorkflow = listeners.get(workflowId) ?? new Set();
  listeners.set(workflowId, ofWorkflow.add(listener));
  return () => {
    ofWorkflow.delete(listener);
    if (ofWorkflow.size === 0) listeners.delete(workflowId);
  };
}

export function reportUnfinishedWork(workflowId: string | undefined): void {
  for (const listener of listeners.get(workflowId ?? '') ?? []) listener();
}
