import type { INodeProperties, INodePropertyOptions, INodeTypeDescription } from 'n8n-workflow';
import { filterFields, filterOptions } from '../../nodes/shared/batching/filters';
import { batchingFields } from '../../nodes/shared/batching/options';
import { memoryFields } from '../../nodes/shared/memory/fields';
import type { Descriptions } from '../loadPackage';
import { code, prose, sentence } from './markdown';
import { pageOf } from './pages';
import { conditionOf, isShown, parameterLists, repeated, type Choice } from './parameters';

/** A piece of a page that follows from a description. */
export interface Block {
  /** What stands in its markers, such as `operation note post`. */
  name: string;
  /** The heading that it gets on a page that lacks it; none for what a page begins with. */
  heading?: string;
  text: string;
}

/** The heading above parameters that several operations of a node share. */
const SEVERAL = 'For several operations';

/** Parameters that several nodes have: their names, and the one page that describes them. */
const SHARED_BY_NODES = [
  {
    names: memoryFields.map(({ name }) => name),
    page: 'README.md',
    link: '[Which memory](README.md#which-memory)',
  },
  {
    names: [
      ...Object.keys(batchingFields),
      ...[...filterFields, ...filterOptions].map(({ name }) => name),
    ],
    page: 'autoplay-stream-trigger.md',
    link: 'the [stream trigger](autoplay-stream-trigger.md)',
  },
];

/** The parameters of Activity, which every chat product has; the page of Intercom describes them. */
function sharedActivity({ nodes }: Descriptions) {
  const intercom = nodes.find(({ name }) => name === 'intercomConversation');
  const ofActivity = (intercom?.properties ?? []).filter(({ displayOptions }) =>
    displayOptions?.show?.resource?.includes('activity'),
  );
  const names = ofActivity
    .flatMap(({ type, name, options }) => (type === 'collection' ? (options ?? []) : [{ name }]))
    .map(({ name }) => name)
    .filter((name) => name !== 'operation');
  const page = 'intercom-conversation.md';
  return { names, page, link: `[Intercom Conversation](${page}#activity-deliver)` };
}

/** A page, and the blocks that it must have. */
export interface PagePlan {
  /** From the repository's folder. */
  file: string;
  title: string;
  blocks: Block[];
}

/** The pages below `docs/` that are made of descriptions. */
export function planPages(descriptions: Descriptions): PagePlan[] {
  const { nodes, credentials } = descriptions;
  return [
    {
      file: 'docs/nodes/README.md',
      title: 'Nodes',
      blocks: [
        { name: 'nodes', heading: 'All nodes', text: listOf(nodes) },
        { name: 'memory', heading: 'Which memory', text: parameterLists(memoryFields, {}) },
      ],
    },
    ...nodes.map((node) => ({
      file: `docs/nodes/${pageOf(node)}`,
      title: node.displayName,
      blocks: nodeBlocks(node, descriptions),
    })),
    {
      file: 'docs/credentials.md',
      title: 'Credentials',
      blocks: credentials.map(({ name, displayName, properties }) => ({
        name: `credential ${name}`,
        heading: displayName,
        text: `In workflow files: ${code(name)}.\n\n${parameterLists(properties, {})}`,
      })),
    },
  ];
}

function listOf(nodes: readonly INodeTypeDescription[]): string {
  return nodes
    .map((node) => `- [${node.displayName}](${pageOf(node)}): ${sentence(node.description)}`)
    .join('\n');
}

function nodeBlocks(node: INodeTypeDescription, descriptions: Descriptions): Block[] {
  const { properties } = node;
  const operations = operationsOf(node);
  const facts = { name: 'facts', text: factsOf(node, descriptions) };
  const shared = [...SHARED_BY_NODES, sharedActivity(descriptions)];
  const onOtherPage = ({ name }: INodeProperties) =>
    shared.find(({ names, page }) => names.includes(name) && page !== pageOf(node))?.link;
  if (operations.length === 0) {
    const text = parameterLists(properties, {}, { elsewhere: onOtherPage });
    return [facts, { name: 'parameters', heading: 'Parameters', text }];
  }
  const tables = operations.map(({ choice }) => ({
    choice,
    parameters: properties.filter((one) => isShown(one, choice)),
  }));
  const several = repeated(tables, properties);
  const above = (property: INodeProperties) =>
    onOtherPage(property) ??
    (several.includes(property) ? `[above](#${anchor(SEVERAL)})` : undefined);
  // Each once, though it may be described anew for each operation.
  const once = several.filter((one, i) => several.findIndex(({ name }) => name === one.name) === i);
  const forSeveral = parameterLists(
    once,
    { resource: '', operation: '' },
    { all: properties, elsewhere: onOtherPage },
  );
  return [
    facts,
    ...(forSeveral ? [{ name: 'shared', heading: SEVERAL, text: forSeveral }] : []),
    ...operations.map(({ label, description }, i) => {
      const { choice, parameters } = tables[i]!;
      const own = parameters.filter((one) => !(several.includes(one) && onOtherPage(one)));
      const text = parameterLists(own, choice, { all: properties, elsewhere: above });
      return {
        name: ['operation', choice.resource, choice.operation].filter(Boolean).join(' '),
        heading: label,
        text: [sentence(description), text].filter(Boolean).join('\n\n'),
      };
    }),
  ];
}

function factsOf(node: INodeTypeDescription, { credentials }: Descriptions): string {
  const used = (node.credentials ?? []).map(({ name, required, displayOptions }) => {
    const own = credentials.find((one) => one.name === name);
    const link = own
      ? `[${own.displayName}](../credentials.md#${anchor(own.displayName)})`
      : `n8n's own ${code(name)}`;
    const condition = conditionOf({ displayOptions }, {}, node.properties);
    const [first = '', ...rest] = condition.replace(/\.$/, '');
    const when = condition && required ? ` (${first.toLowerCase()}${rest.join('')})` : '';
    return `${link}${required ? when : ' (optional)'}`;
  });
  const type = `${code(`n8n-nodes-autoplay.${node.name}`)}, version ${[node.version].flat().at(-1)}`;
  return [
    sentence(node.description),
    '',
    `- In workflow files: ${type}`,
    ...(used.length > 0 ? [`- Credentials: ${used.join(', ')}`] : []),
  ].join('\n');
}

/** The anchor of a heading. */
function anchor(heading: string): string {
  return heading.toLowerCase().replace(/ /g, '-');
}

interface Operation {
  choice: Choice;
  /** `Deliver`, or `Activity: Deliver` where there are several resources. */
  label: string;
  description: string | undefined;
}

function operationsOf({ properties }: INodeTypeDescription): Operation[] {
  const choices = (property: INodeProperties) => (property.options ?? []) as INodePropertyOptions[];
  const resource = properties.find(({ name, type }) => name === 'resource' && type !== 'hidden');
  return properties
    .filter(({ name }) => name === 'operation')
    .flatMap((property) => {
      const shownFor = (property.displayOptions?.show?.resource ?? []) as string[];
      const of = resource && shownFor[0];
      const resourceName = resource && choices(resource).find(({ value }) => value === of)?.name;
      return choices(property).map(({ name, value, description }) => ({
        choice: { ...(of && { resource: of }), operation: String(value) },
        label: prose(resourceName ? `${resourceName}: ${name}` : name),
        description,
      }));
    });
}
