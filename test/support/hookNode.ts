import type {
  IDataObject,
  IHookFunctions,
  INode,
  INodeType,
  IWorkflowExecuteAdditionalData,
  WorkflowActivateMode,
} from 'n8n-workflow';
import './n8nCore';

export interface HookNodeOptions {
  /** The credential's fields; null where none is chosen in the node. */
  credential: IDataObject | null;
  /** The fields of other credentials that are chosen in the node, by their types. */
  credentials?: Record<string, IDataObject>;
  /** What the node has kept before. */
  staticData?: IDataObject;
  parameters?: INode['parameters'];
  /** 1 by default. */
  typeVersion?: number;
  workflowName?: string;
  /** What production URLs begin with. */
  webhookBaseUrl?: string;
}

/** A node whose webhook n8n registers and removes: with the real `HookContext`, and its real HTTP helper. */
export interface HookNode {
  /** As n8n does when it publishes: looks, and creates if nothing is there. `manual` is a test in the editor. */
  publish(activation?: WorkflowActivateMode): Promise<void>;
  unpublish(): Promise<boolean>;
  /** The node's URL in production. */
  url: string;
  /** What the node keeps. n8n stores it after it has published. */
  kept(): IDataObject;
  setCredential(fields: IDataObject | null): void;
  /** What the node logged as a warning. */
  warned: string[];
  /** A context like that of the webhook itself. */
  context(): Promise<IHookFunctions>;
}

/** @param nodeType has `webhookMethods.default`, and a webhook of that name */
export async function createHookNode(
  nodeType: INodeType,
  {
    credential,
    credentials: others = {},
    staticData = {},
    parameters = {},
    typeVersion = 1,
    workflowName = 'Chat',
    webhookBaseUrl = 'https://n8n.example.com/webhook',
  }: HookNodeOptions,
): Promise<HookNode> {
  const { HookContext } = await import('n8n-core');
  const { Workflow } = await import('n8n-workflow');
  let fields = credential;
  const { name, credentials: [own] = [] } = nodeType.description;
  const nodeTypes = {
    getByName: () => nodeType,
    getByNameAndVersion: () => nodeType,
    getKnownTypes: () => ({}),
  };
  const node: INode = {
    id: 'trigger',
    name: 'PostHog Activity',
    type: `n8n-nodes-autoplay.${name}`,
    typeVersion,
    position: [0, 0],
    parameters,
    webhookId: '4e1f',
  };
  const data = { ...staticData };
  const workflow = new Workflow({
    id: 'w',
    name: workflowName,
    active: true,
    nodes: [node],
    connections: {},
    nodeTypes,
    staticData: { 'node:PostHog Activity': data },
  });
  const warned: string[] = [];
  const contextOf = (activation: WorkflowActivateMode): IHookFunctions => {
    const isTest = activation === 'manual';
    const description = nodeType.description.webhooks!.find((one) => one.name === 'default')!;
    const additionalData = {
      credentialsHelper: {
        getDecrypted: (_: unknown, __: unknown, type: string) =>
          Promise.resolve(others[type] ?? fields),
        isCredentialUsableByNode: () => true,
      },
      webhookBaseUrl,
      webhookTestBaseUrl: `${webhookBaseUrl}-test`,
    } as unknown as IWorkflowExecuteAdditionalData;
    const context = new HookContext(
      workflow,
      // The workflow has filled in what the parameters do not say.
      {
        ...workflow.getNode(node.name)!,
        credentials: chosen([...(fields && own ? [own.name] : []), ...Object.keys(others)]),
      },
      additionalData,
      isTest ? 'manual' : 'trigger',
      activation,
      { webhookDescription: description, isTest } as never,
    );
    Object.defineProperty(context, 'logger', {
      value: { warn: (text: string) => warned.push(text), info() {}, debug() {}, error() {} },
    });
    return context;
  };
  const methods = nodeType.webhookMethods!.default!;
  return {
    async publish(activation = 'activate') {
      if (await methods.checkExists.call(contextOf(activation))) return;
      await methods.create.call(contextOf(activation));
    },
    unpublish: async () => await methods.delete.call(contextOf('activate')),
    url: contextOf('activate').getNodeWebhookUrl('default')!,
    kept: () => workflow.getStaticData('node', node),
    setCredential: (next) => void (fields = next),
    warned,
    context: async () => contextOf('activate'),
  };
}

function chosen(credentials: readonly string[]): INode['credentials'] {
  return Object.fromEntries(credentials.map((type) => [type, { id: '1', name: 'c' }]));
}
