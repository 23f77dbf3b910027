import type { NamedMemory } from '../../core/memory/named';
import { MOMENT_WITHIN_MS, tellTrigger } from './signals';

/**
 * Tells the workflow's trigger when the next session is due for one of its detectors. In queue mode the trigger is in
 * another process and asks the memory itself (`lookForWork`).
 */
export async function planMoments(
  memory: Pick<NamedMemory, 'nextMomentAt'>,
  detectors: readonly string[] | undefined,
  workflowId: string | undefined,
): Promise<void> {
  const trigger = tellTrigger(workflowId);
  if (!trigger.isHeard) return;
  const next = await memory.nextMomentAt(detectors);
  if (next !== null) trigger.lookAgainAt(next, MOMENT_WITHIN_MS);
}
