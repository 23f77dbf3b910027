import { setTimeout as sleep } from 'node:timers/promises';
import { type Request, RestError } from '../http';
import type { Workflow } from './workflows';

/** How far the triggers of a workflow have come. */
interface PublicationStatus {
  status: 'not_published' | 'in_progress' | 'published' | 'partial' | 'failed';
  liveVersionId: string | null;
  triggers: Array<{ nodeId: string; status: string; errorMessage: string | null }>;
}

/** How long triggers may take to start or to stop, in milliseconds. */
const PATIENCE_MS = 60_000;

/** Starting and stopping a workflow's triggers. */
export function createPublicationCalls(
  request: Request,
  getWorkflow: (id: string) => Promise<Workflow>,
) {
  const publicationStatus = async (id: string): Promise<PublicationStatus> => {
    try {
      return await request<PublicationStatus>('GET', `/rest/workflows/${id}/publication-status`);
    } catch (error) {
      if (!(error instanceof RestError) || error.status !== 404) throw error;
      // An older n8n has no such thing: it starts the triggers before it answers the request to publish.
      const { activeVersionId } = await getWorkflow(id);
      const status = activeVersionId ? 'published' : 'not_published';
      return { status, liveVersionId: activeVersionId, triggers: [] };
    }
  };

  /**
   * Waits until a published workflow's triggers run (or, when a trigger failed, until n8n gave up).
   * @throws with the triggers' own messages when one of them cannot be started.
   */
  const waitUntilPublished = async (id: string, versionId?: string) => {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const status = await publicationStatus(id);
      const isThatVersion = !versionId || status.liveVersionId === versionId;
      if (status.status === 'published' && isThatVersion) return status;
      if (status.status === 'failed' || status.status === 'partial') {
        const reasons = status.triggers.map((trigger) => trigger.errorMessage).filter(Boolean);
        throw new Error(`Workflow ${id} could not be published: ${reasons.join('; ')}`);
      }
      await lookAgainLater(deadline, id, status);
    }
  };

  /** Publishes a workflow (its draft, unless an earlier version is named) and waits until its triggers run. */
  const publish = async (id: string, version?: string) => {
    const versionId = version ?? (await getWorkflow(id)).versionId;
    await request('POST', `/rest/workflows/${id}/activate`, { versionId });
    return await waitUntilPublished(id, versionId);
  };

  /** Stops a workflow's triggers and waits until they stopped. @throws when they do not */
  const unpublish = async (id: string) => {
    await request('POST', `/rest/workflows/${id}/deactivate`, {});
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const status = await publicationStatus(id);
      if (status.status === 'not_published') return;
      await lookAgainLater(deadline, id, status);
    }
  };

  return { publish, waitUntilPublished, unpublish };
}

/** Waits a moment before the next look. @throws after the deadline */
async function lookAgainLater(deadline: number, id: string, { status }: PublicationStatus) {
  if (Date.now() > deadline) {
    throw new Error(`Workflow ${id} is still "${status}" after ${PATIENCE_MS / 1_000} s.`);
  }
  await sleep(100);
}
