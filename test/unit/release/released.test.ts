import type { INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import { breaches } from '../../../tools/release/breaches';
import { contractOf } from '../../../tools/release/contract';
import { loadPackage, type Loaded } from '../../../tools/loadPackage';

/** A copy, for nodes share parts of their descriptions. */
const load = () => JSON.parse(JSON.stringify(loadPackage())) as Loaded;
const released = contractOf(load());

/** What is broken by a change to the package. */
function after(change: (loaded: Loaded) => void): string[] {
  const loaded = load();
  change(loaded);
  return breaches(released, loaded);
}

const property = (description: INodeTypeDescription, name: string) =>
  description.properties.find((one) => one.name === name)!;

const on =
  (node: string, change: (description: INodeTypeDescription) => void) => (loaded: Loaded) =>
    loaded.nodes[node]!.forEach(change);

const breaking: Array<[string, (loaded: Loaded) => void, string]> = [
  [
    'a node is removed',
    ({ nodes }) => delete nodes.crispConversation,
    'crispConversation 1 is not there',
  ],
  [
    'a version is removed',
    on('autoplaySessionMemory', (description) => (description.version = [1.1, 2])),
    'autoplaySessionMemory 1 is not there',
  ],
  [
    'a parameter has another name',
    on('autoplaySummarizeSession', (description) => {
      property(description, 'threshold').name = 'actions';
    }),
    'autoplaySummarizeSession 1 has no {"path":"threshold"',
  ],
  [
    'a default is another',
    on('autoplaySummarizeSession', (description) => {
      property(description, 'threshold').default = 10;
    }),
    'takes {} for something else: threshold',
  ],
  [
    'a choice is removed',
    on('autoplaySummarizeSession', (description) => {
      property(description, 'sessions').options!.splice(0, 1);
    }),
    'autoplaySummarizeSession 1 has no {"path":"sessions"',
  ],
  [
    'an option within a collection has another default',
    on('autoplayStreamTrigger', (description) => {
      (property(description, 'options').options![0] as INodeProperties).default = 'other';
    }),
    'autoplayStreamTrigger 1 has no {"path":"options.',
  ],
  [
    'a parameter is hidden',
    on('intercomConversation', (description) => {
      property(description, 'adminId').displayOptions = { show: { resource: ['message'] } };
    }),
    'for something else: adminId',
  ],
  [
    'an output is inserted first',
    on('intercomConversation', (description) => {
      description.outputs = `={{ [{ "type": "ai_tool" }, "main", "main"] }}`;
    }),
    'for something else: outputs',
  ],
  [
    'a node has another credential',
    on('crispConversation', (description) => (description.credentials![0]!.name = 'crispApi')),
    'crispConversation 1 does not take crispConversationApi',
  ],
  [
    'a webhook has another address',
    on('crispConversationTrigger', (description) =>
      description.webhooks!.forEach((webhook) => (webhook.path = 'hook')),
    ),
    'crispConversationTrigger 1 does not answer as {"name":"default","httpMethod":"POST","path":"webhook"',
  ],
  [
    'a field of a credential has another name',
    ({ credentials }) => (credentials.crispConversationApi!.properties[0]!.name = 'website'),
    'crispConversationApi has no {"path":"websiteId"',
  ],
];

it.each(breaking)('a breach is found when %s', (_, change, breach) => {
  expect(after(change)).toContainEqual(expect.stringContaining(breach));
});

it('new versions, parameters, choices, credentials and outputs are no breach', () => {
  const grown = after(
    on('intercomConversation', (description) => {
      description.version = [1, 1.1];
      description.credentials!.push({ name: 'otherApi' });
      description.properties[0]!.options!.push({ name: 'Ticket', value: 'ticket' });
      description.properties.push({
        displayName: 'Tone',
        name: 'tone',
        type: 'string',
        default: '',
        displayOptions: { show: { '@version': [{ _cnd: { gte: 1.1 } }] } },
      });
      description.outputs = `={{ $parameter.resource === 'ticket' ? ['main', 'main', 'main'] : ['deliver', 'make'].includes($parameter.operation) ? ['main', 'main'] : ['main'] }}`;
    }),
  );
  expect(grown).toEqual([]);
});
