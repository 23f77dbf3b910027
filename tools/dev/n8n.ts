import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rest } from '../n8n';

/** The last file that n8n writes for its editor after it has loaded nodes. */
const sign = (userFolder: string) =>
  join(userFolder, '.cache', 'n8n', 'public', 'types', 'credentials.json');

/** When n8n last loaded nodes, in epoch milliseconds. */
export const loadedAt = (userFolder: string): number =>
  statSync(sign(userFolder), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Waits until n8n has loaded nodes after `before`; false when it does not, for example because one throws. */
export async function reloaded(
  userFolder: string,
  before: number,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (loadedAt(userFolder) <= before) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

/**
 * Restarts the triggers of all published workflows with our nodes, because a running trigger keeps its old code
 * when n8n reloads nodes. Returns the names of the workflows.
 */
export async function restartTriggers(rest: Rest): Promise<string[]> {
  const workflows = await Promise.all(
    (await rest.workflows()).map(async ({ id }) => await rest.getWorkflow(id)),
  );
  const ours = workflows.filter(
    ({ activeVersionId, nodes }) =>
      activeVersionId && nodes.some(({ type }) => type.startsWith('n8n-nodes-autoplay.')),
  );
  for (const { id, activeVersionId } of ours) {
    await rest.unpublish(id);
    await rest.publish(id, activeVersionId!);
  }
  return ours.map(({ name }) => name);
}
