import type { WorkflowNode } from '../../tools/n8n';

/** n8n's own Webhook node, which answers at once and starts an execution that does nothing. */
export const plainWebhook = {
  id: 'plain',
  name: 'Plain Webhook',
  type: 'n8n-nodes-base.webhook',
  typeVersion: 2,
  position: [0, 200],
  parameters: { httpMethod: 'POST', path: 'plain', responseMode: 'onReceived', options: {} },
} satisfies WorkflowNode;
