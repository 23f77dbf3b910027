import { resolveWebhookDescriptionField, Workflow, type INode } from 'n8n-workflow';
import { PosthogActivityTrigger } from '../../../nodes/PosthogActivityTrigger/PosthogActivityTrigger.node';

// Which webhooks a trigger registers, as n8n finds it out with each request.

const nodeType = new PosthogActivityTrigger();
const { webhooks = [] } = nodeType.description;

const trigger = (source: string): INode => ({
  ...{ id: '1', name: 'PostHog Activity', type: 'posthogActivityTrigger', typeVersion: 1.1 },
  ...{ position: [0, 0], parameters: { source } },
});

it.each([
  ['webhook', ['POST', 'HEAD', 'GET']],
  ['stream', ['', '', '']],
])(
  'a source of the kind %s has these methods, without an expression that is evaluated',
  (source, methods) => {
    const found = webhooks.map((one) =>
      resolveWebhookDescriptionField(trigger(source), one, 'httpMethod'),
    );
    expect(found).toEqual(methods.map((value) => ({ resolved: true, value })));
  },
);

it.each(['webhook', 'stream'])(
  'an older n8n finds the same by the expressions: %s',
  async (source) => {
    const node = trigger(source);
    const nodeTypes = { getByNameAndVersion: () => nodeType, getByName: () => nodeType } as never;
    const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
    for (const one of webhooks) {
      const { value } = resolveWebhookDescriptionField(node, one, 'httpMethod') as {
        value: unknown;
      };
      const evaluated = workflow.expression.getSimpleParameterValue(
        workflow.getNode(node.name)!,
        one.httpMethod,
        'internal',
        {},
      );
      expect(evaluated ?? '').toBe(value);
    }
  },
);
