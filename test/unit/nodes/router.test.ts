import { NodeHelpers, Workflow, type INode, type INodeType } from 'n8n-workflow';
import { AutoplaySessionMemory } from '../../../nodes/AutoplaySessionMemory/AutoplaySessionMemory.node';
import { CrispConversation } from '../../../nodes/CrispConversation/CrispConversation.node';
import { IntercomConversation } from '../../../nodes/IntercomConversation/IntercomConversation.node';
import { operation } from '../../../nodes/shared/operations/operation';
import { routeOperations, routeResources } from '../../../nodes/shared/operations/router';
import { stepContext } from '../../support/stepContext';

/** An operation that says which one it is. */
const say = (value: string, more: Partial<Parameters<typeof operation>[0]> = {}) =>
  operation({
    ...{ value, name: value, action: `Do ${value}`, description: `Does ${value}`, fields: [] },
    prepare: async () => value,
    run: async (_item, prepared) => ({ json: { did: String(prepared) } }),
    ...more,
  });
const field = (name: string, more = {}) =>
  ({ displayName: name, name, type: 'string', default: '', ...more }) as const;

describe('the panel of a node', () => {
  const options = { ...field('options'), type: 'collection' as const, default: {} };
  const { properties } = routeResources(
    [
      {
        ...{ value: 'note', name: 'Note', byDefault: 'post' },
        operations: [
          say('delete', {
            fields: [
              options,
              field('noteId'),
              field('why', { displayOptions: { show: { noteId: ['7'] } } }),
            ],
          }),
          say('post'),
        ],
        fields: [field('memory')],
      },
      { value: 'visitor', name: 'Visitor', byDefault: 'get', operations: [say('get')] },
    ],
    { byDefault: 'visitor', shared: [field('author')] },
  );

  it('asks for a resource, then for an operation of it', () => {
    expect(properties.slice(0, 3)).toMatchObject([
      { name: 'resource', default: 'visitor', options: [{ value: 'note' }, { value: 'visitor' }] },
      {
        ...{ name: 'operation', default: 'post', displayOptions: { show: { resource: ['note'] } } },
        options: [{ value: 'delete', action: 'Do delete' }, { value: 'post' }],
      },
      { name: 'operation', default: 'get', displayOptions: { show: { resource: ['visitor'] } } },
    ]);
  });

  it('shows fields for their operation or resource, besides what else they depend on', () => {
    const shown = Object.fromEntries(
      properties.slice(3).map(({ name, displayOptions }) => [name, displayOptions?.show]),
    );
    const deleting = { resource: ['note'], operation: ['delete'] };
    expect(shown).toEqual({
      noteId: deleting,
      why: { ...deleting, noteId: ['7'] },
      author: undefined,
      memory: { resource: ['note'] },
      options: deleting,
    });
  });

  it('ends with the options', () => {
    expect(properties.slice(3).map(({ name }) => name)).toEqual([
      'noteId',
      'why',
      'author',
      'memory',
      'options',
    ]);
  });
});

it('a node does what its operation says', async () => {
  const router = routeOperations([say('link'), say('recall')], { byDefault: 'link' });
  const run = async (operation: string) =>
    await router.execute(stepContext({ parameters: { operation } }));
  expect(await run('recall')).toMatchObject([[{ json: { did: 'recall' } }]]);
  await expect(run('constructor')).rejects.toMatchObject({
    name: 'NodeOperationError',
    message: 'This node cannot do "constructor"',
  });
});

it('an operation of another resource is not done', async () => {
  const resources = ['note', 'visitor'].map((value) => ({
    ...{ value, name: value, byDefault: value === 'note' ? 'post' : 'get' },
    operations: [say(value === 'note' ? 'post' : 'get')],
  }));
  const router = routeResources(resources, { byDefault: 'note' });
  const doing = router.execute(
    stepContext({ parameters: { resource: 'visitor', operation: 'post' } }),
  );
  await expect(doing).rejects.toThrow('This node cannot do "post" with "visitor"');
});

it('every item fails where preparing does, and comes out with the error', async () => {
  const prepare = () => Promise.reject(new Error('No credential'));
  const router = routeOperations([say('link', { prepare })], { byDefault: 'link' });
  const parameters = { operation: 'link' };
  const items = [{ json: { n: 1 } }, { json: { n: 2 } }];
  const context = stepContext({ parameters, items, continueOnFail: true });
  expect(await router.execute(context)).toMatchObject([
    [1, 2].map((n) => ({ json: { n, error: 'No credential' } })),
  ]);
});

describe('below a node on the canvas stands', () => {
  function subtitleOf(type: INodeType, parameters: INode['parameters']): unknown {
    const { description } = type;
    const node: INode = {
      ...{ id: 'n', name: 'Node', type: description.name, typeVersion: 1, position: [0, 0] },
      parameters: NodeHelpers.getNodeParameters(
        description.properties,
        parameters,
        true,
        false,
        { typeVersion: 1 },
        description,
      )!,
    };
    const nodeTypes = {
      getByName: () => type,
      getByNameAndVersion: () => type,
      getKnownTypes: () => ({}),
    };
    const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
    return workflow.expression.getSimpleParameterValue(node, description.subtitle, 'internal', {});
  }

  it.each([
    ['Deliver Activity', new IntercomConversation(), {}],
    ['Redact Note', new IntercomConversation(), { resource: 'note', operation: 'redact' }],
    ['Send Reply', new CrispConversation(), {}],
    ['Stop Typing', new CrispConversation(), { operation: 'showTyping', typing: 'stop' }],
    ['Get Visitor', new CrispConversation(), { resource: 'visitor' }],
    ['Mark as Delivered', new AutoplaySessionMemory(), { operation: 'markDelivered' }],
  ])('%s', (title, type, parameters) => {
    expect(subtitleOf(type, parameters)).toBe(title);
  });
});

it.each([
  ['Remember activity', new AutoplaySessionMemory(), {}],
  ['Recall activity', new AutoplaySessionMemory(), { operation: 'recall' }],
  ['Deliver activity', new IntercomConversation(), {}],
  ['Send a reply', new CrispConversation(), {}],
])('n8n names a new node %s', (name, { description }, chosen) => {
  const parameters = NodeHelpers.getNodeParameters(
    description.properties,
    chosen,
    true,
    false,
    { typeVersion: 1 },
    description,
  )!;
  expect(NodeHelpers.makeNodeName(parameters, description)).toBe(name);
});
