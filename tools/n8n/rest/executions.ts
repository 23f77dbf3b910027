import { type ExecutionData, parseFlatted } from '../executionData';
import { type Request, RestError } from '../http';

/** An entry of the list of executions. */
export interface ExecutionSummary {
  id: string;
  workflowId: string;
  status: 'new' | 'running' | 'success' | 'error' | 'crashed' | 'canceled' | 'waiting';
  mode: string;
  startedAt: string;
  stoppedAt: string | null;
}

/** An execution with what its nodes took and gave. */
export interface Execution extends ExecutionSummary {
  data: ExecutionData;
}

/** What has run in an n8n, and running something. */
export function createExecutionCalls(request: Request) {
  /** The newest executions first. */
  const executions = async (
    filter: { workflowId?: string; status?: ExecutionSummary['status'][] } = {},
    limit = 100,
  ) => {
    const query = new URLSearchParams({ filter: JSON.stringify(filter), limit: String(limit) });
    const found = await request<{ results: ExecutionSummary[]; count: number }>(
      'GET',
      `/rest/executions?${query.toString()}`,
    );
    return found.results;
  };

  const execution = async (id: string): Promise<Execution> => {
    const found = await request<ExecutionSummary & { data: string }>(
      'GET',
      `/rest/executions/${id}`,
    );
    return { ...found, data: parseFlatted(found.data) as ExecutionData };
  };

  /** Runs a saved workflow from one of its triggers, as the editor's button does; returns the execution's id. */
  const runManually = async (id: string, triggerName: string) => {
    const body = { triggerToStartFrom: { name: triggerName } };
    const path = `/rest/workflows/${id}/run`;
    const started = await request<{ executionId?: string }>('POST', path, body);
    if (!started.executionId) {
      throw new RestError(
        'POST',
        path,
        200,
        'the trigger waits for a test event instead of running',
      );
    }
    return started.executionId;
  };

  return { executions, execution, runManually };
}
