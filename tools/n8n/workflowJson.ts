import { createHash } from 'node:crypto';

/** A node of a workflow file. */
export interface WorkflowNode {
  id?: string;
  name: string;
  type: string;
  typeVersion: number;
  parameters: Record<string, unknown>;
  webhookId?: string;
  credentials?: Record<string, { id: string | null; name: string }>;
  [field: string]: unknown;
}

/** A workflow as exported from the editor and as the API takes it. */
export interface WorkflowJson {
  name: string;
  nodes: WorkflowNode[];
  connections: Record<string, unknown>;
  settings?: Record<string, unknown>;
  [field: string]: unknown;
}

/** Sets parameters of a node, by its name; the others stay. @throws for a workflow without such a node */
export function setParameters({ nodes }: WorkflowJson, name: string, parameters: object): void {
  const node = nodes.find((one) => one.name === name);
  if (!node) throw new Error(`The workflow has no node "${name}"`);
  Object.assign(node.parameters, parameters);
}

/** The parts of a node type's description, as `GET /types/nodes.json` lists them, that matter here. */
export interface NodeTypeDescription {
  name: string;
  displayName: string;
  version: number | number[];
  credentials?: Array<{ name: string; required?: boolean }>;
  webhooks?: Array<{
    name: string;
    path: string;
    httpMethod?: string;
    isFullPath?: boolean | string;
  }>;
  properties: Array<{ name: string; default?: unknown }>;
  [field: string]: unknown;
}

/** Credentials to use, by credential type. */
export type CredentialMap = Record<string, { id: string; name: string }>;

/** The description of a node's type in the node's version, else in any version; undefined when n8n lacks the type. */
export function describe(
  node: Pick<WorkflowNode, 'type' | 'typeVersion'>,
  types: NodeTypeDescription[],
): NodeTypeDescription | undefined {
  const named = types.filter((type) => type.name === node.type);
  return named.find((type) => [type.version].flat().includes(node.typeVersion)) ?? named[0];
}

/** A copy of `workflow` in which every node whose type can use one of `credentials` uses it. */
export function assignCredentials(
  workflow: WorkflowJson,
  types: NodeTypeDescription[],
  credentials: CredentialMap,
): WorkflowJson {
  const nodes = workflow.nodes.map((node) => {
    const used = { ...node.credentials };
    for (const { name } of describe(node, types)?.credentials ?? []) {
      if (credentials[name]) used[name] = credentials[name];
    }
    return Object.keys(used).length > 0 ? { ...node, credentials: used } : node;
  });
  return { ...workflow, nodes };
}

/** The names of the credential types that some node of `workflow` requires. */
export function requiredCredentials(
  workflow: WorkflowJson,
  types: NodeTypeDescription[],
): string[] {
  const required = workflow.nodes.flatMap((node) =>
    (describe(node, types)?.credentials ?? []).filter((credential) => credential.required),
  );
  return [...new Set(required.map((credential) => credential.name))];
}

/** The node types in `workflow` that n8n does not have. */
export function missingTypes(workflow: WorkflowJson, types: NodeTypeDescription[]): string[] {
  const missing = workflow.nodes.filter((node) => !describe(node, types));
  return [...new Set(missing.map((node) => node.type))];
}

/**
 * A copy of `workflow` in which every webhook node has a webhook id made from the names. n8n would use a random one,
 * and the URL that is registered with the chat product would change with each import.
 */
export function withStableWebhookIds(
  workflow: WorkflowJson,
  types: NodeTypeDescription[],
): WorkflowJson {
  const nodes = workflow.nodes.map((node) =>
    node.webhookId || !describe(node, types)?.webhooks?.length
      ? node
      : { ...node, webhookId: stableId(`${workflow.name}/${node.name}`) },
  );
  return { ...workflow, nodes };
}

function stableId(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
}

/**
 * The path below `/webhook/` under which n8n registers a node's production webhook.
 * @throws when the type has no webhook for `method`.
 */
export function webhookPath(
  workflowId: string,
  node: WorkflowNode,
  type: NodeTypeDescription | undefined,
  method = 'POST',
): string {
  const value = (text: unknown) => resolve(text, node, type);
  const webhooks = type?.webhooks ?? [];
  const webhook =
    webhooks.find((one) => String(value(one.httpMethod ?? 'GET')) === method) ?? webhooks[0];
  if (!webhook) throw new Error(`The node "${node.name}" (${node.type}) has no webhook.`);
  const path = String(value(webhook.path) ?? '').replace(/^\//, '');
  if (!node.webhookId)
    return `${workflowId}/${encodeURIComponent(node.name.toLowerCase())}/${path}`;
  // A path with parameters is never the whole path, because two nodes could then have the same one.
  const isFullPath = value(webhook.isFullPath) === true && !/(^|\/):/.test(path);
  return isFullPath ? path || node.webhookId : `${node.webhookId}/${path}`;
}

/** The value of an expression `={{$parameter["name"]}}` in a description; other texts are returned as they are. */
function resolve(
  text: unknown,
  node: WorkflowNode,
  type: NodeTypeDescription | undefined,
): unknown {
  const name = /^=\{\{\s*\$parameter\[["'](\w+)["']\].*\}\}$/.exec(String(text))?.[1];
  if (!name) return text;
  return (
    node.parameters[name] ?? type?.properties.find((property) => property.name === name)?.default
  );
}
