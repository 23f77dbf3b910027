import type { Request } from '../http';
import {
  assignCredentials,
  type CredentialMap,
  describe,
  type NodeTypeDescription,
  type WorkflowJson,
  type WorkflowNode,
  webhookPath,
  withStableWebhookIds,
} from '../workflowJson';

/** A workflow in n8n. `versionId` is its draft, `activeVersionId` what is published. */
export interface Workflow extends WorkflowJson {
  id: string;
  active: boolean;
  versionId: string;
  activeVersionId: string | null;
  isArchived?: boolean;
}

/**
 * The workflows in an n8n.
 * @param webhooksAt the address of n8n's webhooks, no slash at the end.
 */
export function createWorkflowCalls(request: Request, webhooksAt: string) {
  let types: NodeTypeDescription[] | undefined;

  /** Every node type n8n has loaded, an entry a version. */
  const nodeTypes = async () =>
    (types ??= await request<NodeTypeDescription[]>('GET', '/types/nodes.json'));

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

  const deleteWorkflow = async (id: string) => {
    // n8n deletes only what was archived before; archiving unpublishes.
    if (!(await getWorkflow(id)).isArchived) {
      await request('POST', `/rest/workflows/${id}/archive`, {});
    }
    await request('DELETE', `/rest/workflows/${id}`);
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
    return `${(options.base ?? webhooksAt).replace(/\/$/, '')}/webhook/${path}`;
  };

  return { nodeTypes, workflows, getWorkflow, importWorkflow, deleteWorkflow, webhookUrl };
}
