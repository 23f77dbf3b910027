import type {
  ExecutionError,
  IDataObject,
  INode,
  INodeExecutionData,
  INodeType,
  IRun,
  ITriggerFunctions,
  ITriggerResponse,
  IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import './n8nCore';

/** One call of `emit`. */
export interface Emitted {
  items: IDataObject[];
  /** Ends the execution it started. */
  end(status: IRun['status']): void;
}

export interface TriggerRun {
  context: ITriggerFunctions;
  response: ITriggerResponse;
  emitted: Emitted[];
  failedExecutions: ExecutionError[];
  close(): Promise<void>;
}

export interface TriggerRunOptions {
  credential: IDataObject;
  parameters?: INode['parameters'];
  mode?: 'trigger' | 'manual';
  /** 1 by default. */
  typeVersion?: number;
  /** Type of a node that follows the trigger. */
  next?: string;
}

/**
 * Activates a trigger node the way n8n does: a real `TriggerContext` with the real HTTP helpers, and
 * expressions that can be evaluated until `trigger()` returns and not a moment longer.
 */
export async function runTrigger(
  nodeType: INodeType,
  { credential, parameters = {}, mode = 'trigger', typeVersion = 1, next }: TriggerRunOptions,
): Promise<TriggerRun> {
  const { ExecutionLifecycleHooks, TriggerContext, TriggersAndPollers } = await import('n8n-core');
  const { Expression, Workflow } = await import('n8n-workflow');
  await Expression.initExpressionEngine({
    engine: 'vm',
    bridgeTimeout: 5_000,
    bridgeMemoryLimit: 128,
    poolSize: 1,
    maxCodeCacheSize: 100,
  });

  const { name, credentials = [] } = nodeType.description;
  const node: INode = {
    id: 'trigger',
    name: 'Trigger',
    type: `n8n-nodes-autoplay.${name}`,
    typeVersion,
    position: [0, 0],
    parameters,
    credentials: Object.fromEntries(credentials.map((one) => [one.name, { id: '1', name: 'c' }])),
  };
  const follower: INode = {
    ...node,
    id: 'next',
    name: 'Next',
    type: next ?? 'none',
    parameters: {},
  };
  const nodeTypes = {
    getByName: () => nodeType,
    getByNameAndVersion: () => nodeType,
    getKnownTypes: () => ({}),
  };
  const workflow = new Workflow({
    id: 'w',
    active: true,
    nodes: next ? [node, follower] : [node],
    connections: next ? { Trigger: { main: [[{ node: 'Next', type: 'main', index: 0 }]] } } : {},
    nodeTypes,
  });
  const workflowData = { id: 'w', name: 'w' } as never;
  const additionalData = {
    credentialsHelper: {
      getDecrypted: () => Promise.resolve(credential),
      isCredentialUsableByNode: () => true,
    },
    hooks: new ExecutionLifecycleHooks(mode, 'e', workflowData),
  } as unknown as IWorkflowExecuteAdditionalData;

  const emitted: Emitted[] = [];
  const failedExecutions: ExecutionError[] = [];
  const emit = (
    data: INodeExecutionData[][],
    _response?: unknown,
    done?: { resolve(run: IRun): void },
  ): void => {
    emitted.push({
      items: data[0]!.map(({ json }) => json),
      end: (status) => done?.resolve({ status } as IRun),
    });
  };
  const context = new TriggerContext(
    workflow,
    node,
    additionalData,
    mode,
    mode === 'manual' ? 'manual' : 'activate',
    emit,
    undefined,
    (error) => void failedExecutions.push(error),
  );
  const response = await workflow.expression.withIsolate(
    async () =>
      await new TriggersAndPollers().runTriggerFunction(
        workflow,
        node,
        () => context,
        additionalData,
        mode,
        mode === 'manual' ? 'manual' : 'activate',
      ),
  );
  if (!response) throw new Error('The node returned nothing from trigger()');
  return {
    context,
    response,
    emitted,
    failedExecutions,
    close: async () => await response.closeFunction?.(),
  };
}

/** To be called once all tests of a file have run. */
export async function endTriggers(): Promise<void> {
  const { Expression } = await import('n8n-workflow');
  await Expression.disposeExpressionEngine();
}
