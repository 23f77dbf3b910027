import { outputOf, type Execution, type Rest } from '../../tools/n8n';
import { eventually } from './eventually';

/**
 * Watches what a workflow's trigger starts from now on. Executions are told by their numbers and by what they
 * began with: how many there are in n8n's list says little, for that is short, and wake-ups come by themselves.
 *
 * @returns the executions that have ended since, the earliest first, without those of wake-ups
 */
export async function startedFromNow(
  rest: Rest,
  workflowId: string,
  trigger: string,
): Promise<() => Promise<Execution[]>> {
  // One that ends while n8n makes its list is missing from it.
  await untilIdle(rest, workflowId);
  const before = Math.max(
    0,
    ...(await rest.executions({ workflowId })).map(({ id }) => Number(id)),
  );
  return async () => {
    const ended = await rest.executions({ workflowId, status: ['success', 'error'] });
    const since = ended.map(({ id }) => Number(id)).filter((id) => id > before);
    const executions = await Promise.all(
      since.sort((a, b) => a - b).map((id) => rest.execution(String(id))),
    );
    return executions.filter((execution) =>
      outputOf(execution, trigger).some(({ type }) => type !== 'wake_up'),
    );
  };
}

/** Waits until no execution of a workflow is under way. */
export async function untilIdle(rest: Rest, workflowId: string): Promise<void> {
  const underWay = async () => await rest.executions({ workflowId, status: ['new', 'running'] });
  await eventually(async () => (await underWay()).length === 0);
}
