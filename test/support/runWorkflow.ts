import type {
  IDataObject,
  INode,
  INodeType,
  IRun,
  IVersionedNodeType,
  IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import type { WorkflowJson } from '../../tools/n8n';
import { loadNodes } from '../../tools/loadPackage';
import './n8nCore';
import { ownNodeOf } from './ownNodes';

export interface RunOptions {
  /** The trigger that the execution begins with, and what it gives. */
  start: string;
  items: IDataObject[];
  /** What is in each credential, by its type. */
  credentials: Record<string, Record<string, string>>;
  /** What nodes that are not ours make of an item, by the names of the nodes. */
  others?: Record<string, (item: IDataObject) => IDataObject>;
  executionId?: string;
  /** A failed run, which goes on with the node that failed, as by Retry in the list of executions. */
  retryOf?: IRun;
}

/** Runs a workflow as it was saved, with n8n's own execution engine and our nodes in the versions it names. */
export async function runWorkflow(
  json: WorkflowJson,
  { start, items, credentials, others = {}, executionId, retryOf }: RunOptions,
): Promise<IRun> {
  const { ExecutionLifecycleHooks, WorkflowExecute } = await import('n8n-core');
  const { createRunExecutionData, NodeHelpers, Workflow } = await import('n8n-workflow');
  const ours = loadNodes();
  const typeOf = (name: string): INodeType | IVersionedNodeType =>
    ours[ownNodeOf(name)?.name ?? ''] ?? other;
  const other: INodeType = {
    description: {
      ...{ displayName: 'Other', name: 'other', group: [], version: 1, description: '' },
      ...{ defaults: {}, inputs: ['main'], outputs: ['main'], properties: [] },
    },
    async execute() {
      const answer = others[this.getNode().name];
      // A node that shows that something failed, for example.
      if (!answer) throw new Error(JSON.stringify(this.getInputData().map((item) => item.json)));
      return [
        this.getInputData().map((item, pairedItem) => ({ json: answer(item.json), pairedItem })),
      ];
    },
  };
  const known = Object.fromEntries(
    Object.keys(credentials).map((name) => [name, { id: '1', name }]),
  );
  const workflow = new Workflow({
    ...json,
    id: json.name,
    active: true,
    nodes: json.nodes.map((node) => ({ ...node, credentials: known }) as unknown as INode),
    connections: json.connections as never,
    nodeTypes: {
      getByName: typeOf,
      getByNameAndVersion: (type, version) =>
        NodeHelpers.getVersionedNodeType(typeOf(type), version),
      getKnownTypes: () => ({}),
    },
  });
  const additionalData = {
    credentialsHelper: {
      getDecrypted: async (_: unknown, __: unknown, type: string) => credentials[type],
      isCredentialUsableByNode: () => true,
    },
    hooks: new ExecutionLifecycleHooks('trigger', 'execution', { id: json.name } as never),
    webhookWaitingBaseUrl: 'http://127.0.0.1/waiting',
    formWaitingBaseUrl: 'http://127.0.0.1/form',
    executionId,
  } as unknown as IWorkflowExecuteAdditionalData;
  const main = [items.map((item) => ({ json: item }))];
  const node = workflow.getNode(start)!;
  const data = retryOf
    ? dataToRetry(retryOf)
    : createRunExecutionData({
        executionData: { nodeExecutionStack: [{ node, data: { main }, source: null }] },
      });
  const mode = retryOf ? 'retry' : 'trigger';
  return await new WorkflowExecute(additionalData, mode, data).processRunExecutionData(workflow);
}

/** The failed node is the first of those to be executed already; what came of it is left out. */
function dataToRetry({ data }: IRun): IRun['data'] {
  const copy = JSON.parse(JSON.stringify(data)) as IRun['data'];
  const { runData, lastNodeExecuted = '' } = copy.resultData;
  delete copy.resultData.error;
  runData[lastNodeExecuted]?.pop();
  return copy;
}
