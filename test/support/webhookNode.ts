import type {
  IDataObject,
  INode,
  INodeType,
  IWebhookResponseData,
  IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

export interface WebhookRequest {
  headers: Record<string, string>;
  /** Undefined for a body that n8n has taken apart. */
  rawBody: Buffer | undefined;
  /** As n8n has parsed it; empty by default. */
  body?: object;
}

export interface WebhookOptions {
  /** Null where none is chosen in the node; an error where it cannot be read. */
  credential: IDataObject | Error | null;
  parameters?: INode['parameters'];
  mode?: 'webhook' | 'manual';
  webhook?: 'default' | 'setup';
  /** 1 by default. */
  typeVersion?: number;
  /** Called whenever n8n reads a credential. */
  onRead?: () => void;
}

/** Calls a node's webhook with the real `WebhookContext`; what it answered and what it would start. */
export async function callWebhook(
  nodeType: INodeType,
  { headers, rawBody, body = {} }: WebhookRequest,
  options: WebhookOptions,
) {
  const answer = { status: 0, text: '' };
  const response = {
    status(code: number) {
      answer.status = code;
      return response;
    },
    send(text: string) {
      answer.text = text;
      return response;
    },
    end: () => response,
  };
  const httpRequest = { headers, rawBody, body };
  const result = await runWebhook(nodeType, httpRequest, response, options);
  const items = result.workflowData?.[0]?.map(({ json }) => json);
  return { ...answer, items };
}

const idOf = (credential: IDataObject | Error) =>
  credential instanceof Error ? credential.message : JSON.stringify(credential);

/** Runs a node's webhook with a request and a response as Express gives them. */
export async function runWebhook(
  nodeType: INodeType,
  httpRequest: object,
  httpResponse: object,
  {
    credential,
    parameters = {},
    mode = 'webhook',
    webhook = 'default',
    typeVersion = 1,
    onRead = () => {},
  }: WebhookOptions,
): Promise<IWebhookResponseData> {
  const { WebhookContext } = await import('n8n-core');
  const { Workflow } = await import('n8n-workflow');
  const [own] = nodeType.description.credentials ?? [];
  const node: INode = {
    id: 'trigger',
    name: 'Trigger',
    type: `n8n-nodes-autoplay.${nodeType.description.name}`,
    typeVersion,
    position: [0, 0],
    parameters,
    // Another id for each content: nodes keep for some seconds what they have read.
    ...(credential && own && { credentials: { [own.name]: { id: idOf(credential), name: 'c' } } }),
  };
  const nodeTypes = {
    getByName: () => nodeType,
    getByNameAndVersion: () => nodeType,
    getKnownTypes: () => ({}),
  };
  const workflow = new Workflow({
    id: 'w',
    active: true,
    nodes: [node],
    connections: {},
    nodeTypes,
  });
  const additionalData = {
    credentialsHelper: {
      async getDecrypted() {
        onRead();
        if (credential instanceof Error) throw credential;
        return credential;
      },
      isCredentialUsableByNode: () => true,
    },
    httpRequest,
    httpResponse,
  } as unknown as IWorkflowExecuteAdditionalData;
  const description = { name: webhook };
  const context = new WebhookContext(
    workflow,
    node,
    additionalData,
    mode,
    { webhookDescription: description } as never,
    [],
    null,
  );
  return await nodeType.webhook!.call(context);
}
