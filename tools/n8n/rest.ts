import { setTimeout as sleep } from 'node:timers/promises';
import { type ExecutionData, parseFlatted } from './executionData';
import { createSession, type Request, RestError } from './http';
import {
  assignCredentials,
  type CredentialMap,
  describe,
  type NodeTypeDescription,
  type WorkflowJson,
  type WorkflowNode,
  webhookPath,
  withStableWebhookIds,
} from './workflowJson';

/** A workflow in n8n. `versionId` is its draft, `activeVersionId` what is published. */
export interface Workflow extends WorkflowJson {
  id: string;
  active: boolean;
  versionId: string;
  activeVersionId: string | null;
  isArchived?: boolean;
}

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

/** The account that the demo and the tests use. */
export interface Owner {
  email: string;
  password: string;
}

export interface PublicationStatus {
  status: 'not_published' | 'in_progress' | 'published' | 'partial' | 'failed';
  liveVersionId: string | null;
  triggers: Array<{ nodeId: string; status: string; errorMessage: string | null }>;
}

/** n8n's internal API, as far as the demo, the tests and the benchmark drive it. */
export type Rest = ReturnType<typeof createRest>;

/**
 * A client of a running n8n's internal API (the one its editor uses).
 * @param baseUrl of n8n, no slash at the end.
 */
export function createRest(baseUrl: string) {
  const request: Request = createSession(baseUrl);
  let types: NodeTypeDescription[] | undefined;

  /** Every node type n8n has loaded, an entry a version. */
  const nodeTypes = async () =>
    (types ??= await request<NodeTypeDescription[]>('GET', '/types/nodes.json'));

  /** Makes the first account, or logs in when there is one. */
  const setUpOwner = async ({ email, password }: Owner) => {
    const settings = await request<{ userManagement: { showSetupOnFirstLoad?: boolean } }>(
      'GET',
      '/rest/settings',
    );
    if (settings.userManagement.showSetupOnFirstLoad) {
      const names = { firstName: 'Demo', lastName: 'Owner' };
      await request('POST', '/rest/owner/setup', { email, password, ...names });
    } else {
      await request('POST', '/rest/login', { emailOrLdapLoginId: email, password });
    }
  };

  /** The credential of that type and name, if there is one. */
  const findCredential = async (type: string, name: string) => {
    const all = await request<Array<{ id: string; name: string; type: string }>>(
      'GET',
      '/rest/credentials',
    );
    const found = all.find((credential) => credential.type === type && credential.name === name);
    return found && { id: found.id, name };
  };

  /** Creates a credential, or updates the one of that type and name. */
  const upsertCredential = async (type: string, name: string, data: Record<string, unknown>) => {
    const known = await findCredential(type, name);
    const body = { name, type, data };
    const { id } = known
      ? await request<{ id: string }>('PATCH', `/rest/credentials/${known.id}`, body)
      : await request<{ id: string }>('POST', '/rest/credentials', body);
    return { id, name };
  };

  const getWorkflow = (id: string) => request<Workflow>('GET', `/rest/workflows/${id}`);

  /** The workflows that are not archived; without their nodes. */
  const workflows = async () =>
    (await request<Workflow[]>('GET', '/rest/workflows')).filter((one) => !one.isArchived);

  /**
   * Saves a workflow, in place of the one of that name if there is one, as a draft: `publish` makes it run.
   * @param options.credentials set on each node whose type can use them.
   */
  const importWorkflow = async (
    workflow: WorkflowJson,
    options: { credentials?: CredentialMap } = {},
  ): Promise<Workflow> => {
    const known = (await workflows()).find((one) => one.name === workflow.name);
    const described = await nodeTypes();
    const filled = assignCredentials(
      withStableWebhookIds(workflow, described),
      described,
      options.credentials ?? {},
    );
    const { name, nodes, connections, settings = {}, pinData } = filled;
    const body = { name, nodes, connections, settings, ...(pinData ? { pinData } : {}) };
    return known
      ? await request<Workflow>('PATCH', `/rest/workflows/${known.id}`, body)
      : // An older n8n does not take it for granted that a new one is a draft.
        await request<Workflow>('POST', '/rest/workflows', { ...body, active: false });
  };

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
  const waitUntilPublished = async (id: string, versionId?: string, timeoutMs = 60_000) => {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const status = await publicationStatus(id);
      const isThatVersion = !versionId || status.liveVersionId === versionId;
      if (status.status === 'published' && isThatVersion) return status;
      if (status.status === 'failed' || status.status === 'partial') {
        const reasons = status.triggers.map((trigger) => trigger.errorMessage).filter(Boolean);
        throw new Error(`Workflow ${id} could not be published: ${reasons.join('; ')}`);
      }
      if (Date.now() > deadline) {
        throw new Error(`Workflow ${id} is still "${status.status}" after ${timeoutMs / 1000} s.`);
      }
      await sleep(100);
    }
  };

  /** Publishes a workflow (its draft, unless an earlier version is named) and waits until its triggers run. */
  const publish = async (id: string, version?: string) => {
    const versionId = version ?? (await getWorkflow(id)).versionId;
    await request('POST', `/rest/workflows/${id}/activate`, { versionId });
    return await waitUntilPublished(id, versionId);
  };

  /** Stops a workflow's triggers and waits until they stopped. */
  const unpublish = async (id: string) => {
    await request('POST', `/rest/workflows/${id}/deactivate`, {});
    while ((await publicationStatus(id)).status !== 'not_published') await sleep(100);
  };

  const deleteWorkflow = async (id: string) => {
    // n8n deletes only what was archived before; archiving unpublishes.
    if (!(await getWorkflow(id)).isArchived) {
      await request('POST', `/rest/workflows/${id}/archive`, {});
    }
    await request('DELETE', `/rest/workflows/${id}`);
  };

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

  /** Where the outside world reaches a published node. */
  const webhookUrl = async (
    workflow: { id: string; nodes: WorkflowNode[] },
    nodeName: string,
    options: { method?: string; base?: string } = {},
  ) => {
    const node = workflow.nodes.find((one) => one.name === nodeName);
    if (!node) throw new Error(`The workflow has no node "${nodeName}".`);
    const path = webhookPath(workflow.id, node, describe(node, await nodeTypes()), options.method);
    return `${(options.base ?? baseUrl).replace(/\/$/, '')}/webhook/${path}`;
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

  return {
    baseUrl,
    request,
    nodeTypes,
    setUpOwner,
    findCredential,
    upsertCredential,
    workflows,
    getWorkflow,
    importWorkflow,
    publish,
    waitUntilPublished,
    unpublish,
    deleteWorkflow,
    executions,
    execution,
    webhookUrl,
    runManually,
  };
}
