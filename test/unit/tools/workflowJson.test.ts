import {
  assignCredentials,
  missingTypes,
  type NodeTypeDescription,
  requiredCredentials,
  type WorkflowJson,
  type WorkflowNode,
  webhookPath,
  withStableWebhookIds,
} from '../../../tools/n8n/workflowJson';

const type = (name: string, more: Partial<NodeTypeDescription> = {}): NodeTypeDescription => ({
  name,
  displayName: name,
  version: 1,
  properties: [],
  ...more,
});
const node = (name: string, nodeType: string, more: Partial<WorkflowNode> = {}): WorkflowNode => ({
  name,
  type: nodeType,
  typeVersion: 1,
  parameters: {},
  ...more,
});
const workflow = (...nodes: WorkflowNode[]): WorkflowJson => ({
  name: 'Support',
  nodes,
  connections: {},
});

const post = type('post', { credentials: [{ name: 'chatApi', required: true }] });
const hook = type('hook', {
  credentials: [{ name: 'chatApi' }],
  webhooks: [
    { name: 'setup', httpMethod: 'HEAD', path: 'webhook' },
    { name: 'default', httpMethod: 'POST', path: 'webhook' },
  ],
});

describe('assignCredentials', () => {
  it('gives each node the credentials its type can use, and no others', () => {
    const credentials = {
      chatApi: { id: '1', name: 'Chat' },
      otherApi: { id: '2', name: 'Other' },
    };
    const filled = assignCredentials(
      workflow(node('Post', 'post'), node('Set', 'set')),
      [post, type('set')],
      credentials,
    );
    expect(filled.nodes[0]!.credentials).toEqual({ chatApi: { id: '1', name: 'Chat' } });
    expect(filled.nodes[1]).not.toHaveProperty('credentials');
  });

  it('replaces the placeholder of an exported workflow in a copy', () => {
    const exported = workflow(
      node('Post', 'post', { credentials: { chatApi: { id: null, name: 'Chat account' } } }),
    );
    const filled = assignCredentials(exported, [post], { chatApi: { id: '1', name: 'Chat' } });
    expect(filled.nodes[0]!.credentials!.chatApi!.id).toBe('1');
    expect(exported.nodes[0]!.credentials!.chatApi!.id).toBeNull();
  });
});

it('a workflow’s required credentials and missing node types are found', () => {
  const needy = workflow(
    node('A', 'post'),
    node('B', 'hook'),
    node('C', 'gone'),
    node('D', 'gone'),
  );
  expect(requiredCredentials(needy, [post, hook])).toEqual(['chatApi']);
  expect(missingTypes(needy, [post, hook])).toEqual(['gone']);
});

describe('withStableWebhookIds', () => {
  const idOf = (given: WorkflowJson) => withStableWebhookIds(given, [hook]).nodes[0]!.webhookId;

  it('gives a webhook node the same id each time', () => {
    const id = idOf(workflow(node('Chat', 'hook')));
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(idOf(workflow(node('Chat', 'hook')))).toBe(id);
    expect(idOf(workflow(node('Chat 2', 'hook')))).not.toBe(id);
  });

  it('keeps an id that is there, and gives none to other nodes', () => {
    expect(idOf(workflow(node('Chat', 'hook', { webhookId: 'own' })))).toBe('own');
    expect(idOf(workflow(node('Set', 'set')))).toBeUndefined();
  });
});

describe('webhookPath', () => {
  it('is the webhook id and the path', () => {
    expect(webhookPath('w1', node('Chat', 'hook', { webhookId: 'id' }), hook)).toBe('id/webhook');
  });

  it('is what the parameter says for a type with a full path', () => {
    const full = type('webhook', {
      webhooks: [
        {
          name: 'default',
          httpMethod: '={{$parameter["httpMethod"] || "GET"}}',
          path: '={{$parameter["path"]}}',
          isFullPath: true,
        },
      ],
      properties: [{ name: 'httpMethod', default: 'GET' }],
    });
    const at = (path: string) => node('Hook', 'webhook', { webhookId: 'id', parameters: { path } });
    expect(webhookPath('w1', at('orders'), full)).toBe('orders');
    expect(webhookPath('w1', at('orders/:id'), full)).toBe('id/orders/:id');
  });
});
