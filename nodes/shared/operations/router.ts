import {
  NodeOperationError,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeProperties,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { asNodeError } from '../nodeErrors';
import { shownFor } from './fields';
import type { Operation } from './operation';

/** A resource of a node, such as Note, and what can be done with it. */
export interface Resource {
  value: string;
  name: string;
  /** The value of the operation that an untouched node has. */
  byDefault: string;
  /** In the order of the dropdown. */
  operations: readonly Operation[];
  /** Fields that all its operations have. */
  fields?: readonly INodeProperties[];
}

/** The parts of a node's description that follow from its operations, and how to run it. */
export interface Router {
  properties: INodeProperties[];
  outputs: INodeTypeDescription['outputs'];
  subtitle: string;
  execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]>;
}

interface RouterOptions {
  /** The value of the resource, or else the operation, that an untouched node has. */
  byDefault: string;
  /** Fields that belong to several operations; they have their own display conditions. */
  shared?: readonly INodeProperties[];
}

/** The router of a node whose panel asks for a resource, then for an operation. */
export function routeResources(
  resources: readonly Resource[],
  { byDefault, shared = [] }: RouterOptions,
): Router {
  const dropdown = dropdownOf(
    'Resource',
    resources.map(({ name, value }) => ({ name, value })),
    byDefault,
  );
  return route(resources, [dropdown], shared);
}

/** The only resource of a node that shows none. n8n names a new node by its action only if it has one. */
const HIDDEN_RESOURCE = 'session';

/** The router of a node whose panel asks for an operation alone. */
export function routeOperations(
  operations: readonly Operation[],
  { byDefault, shared = [] }: RouterOptions,
): Router {
  const options = [{ name: 'Session', value: HIDDEN_RESOURCE }];
  const hidden = { ...dropdownOf('Resource', options, HIDDEN_RESOURCE), type: 'hidden' as const };
  const { properties, ...router } = route([{ byDefault, operations }], [hidden], shared);
  const isNamed = ({ name }: INodeProperties) => name === 'operation';
  const displayOptions = { show: showFor(HIDDEN_RESOURCE) };
  return {
    ...router,
    properties: properties.map((one) => (isNamed(one) ? { ...one, displayOptions } : one)),
  };
}

type Group = Pick<Resource, 'byDefault' | 'operations' | 'fields'> & { value?: string };

function route(
  groups: readonly Group[],
  dropdowns: readonly INodeProperties[],
  shared: readonly INodeProperties[],
): Router {
  const routes = groups.flatMap(({ value: resource, operations }) =>
    operations.map((operation) => ({
      resource,
      operation,
      show: showFor(resource, operation.value),
    })),
  );
  const fields = [
    ...routes.flatMap(({ operation, show }) =>
      operation.fields.map((field) => shownFor(field, show)),
    ),
    ...shared,
    ...groups.flatMap(({ value, fields = [] }) =>
      fields.map((field) => shownFor(field, showFor(value))),
    ),
  ];
  const isCollection = ({ type }: INodeProperties) => type === 'collection';
  return {
    properties: [
      ...dropdowns,
      ...groups.map(({ value, operations, byDefault }) => ({
        ...dropdownOf('Operation', operations.map(entryOf), byDefault),
        ...(value !== undefined && { displayOptions: { show: showFor(value) } }),
      })),
      // Options are the last thing in a panel.
      ...fields.filter((field) => !isCollection(field)),
      ...fields.filter(isCollection),
    ],
    outputs: outputsOf(routes),
    subtitle: subtitleOf(routes),
    execute: (context) => execute(context, routes),
  };
}

interface Route {
  resource: string | undefined;
  operation: Operation;
  show: Record<string, string[]>;
}

/** @throws NodeOperationError for an operation that there is not, as a workflow file made elsewhere may name */
async function execute(
  context: IExecuteFunctions,
  routes: readonly Route[],
): Promise<INodeExecutionData[][]> {
  const hasResources = routes.some(({ resource }) => resource !== undefined);
  const resource = hasResources ? context.getNodeParameter('resource', 0, '') : undefined;
  const value = context.getNodeParameter('operation', 0, '');
  const chosen = routes.find((one) => one.resource === resource && one.operation.value === value);
  if (!chosen) {
    const what = hasResources ? `"${value}" with "${resource}"` : `"${value}"`;
    throw new NodeOperationError(context.getNode(), `This node cannot do ${what}`, {
      description: "Choose the operation again in the node's panel.",
    });
  }
  try {
    return await chosen.operation.execute(context);
  } catch (error) {
    throw asNodeError(context.getNode(), error);
  }
}

type Show = Record<string, string[]>;

function showFor(resource: string | undefined, operation?: string): Show {
  return {
    ...(resource !== undefined && { resource: [resource] }),
    ...(operation !== undefined && { operation: [operation] }),
  };
}

function entryOf({ name, value, action, description }: Operation) {
  return { name, value, action, description };
}

function dropdownOf(
  displayName: string,
  options: Array<{ name: string; value: string }>,
  byDefault: string,
): INodeProperties {
  return {
    displayName,
    name: displayName.toLowerCase(),
    type: 'options',
    noDataExpression: true,
    options,
    default: byDefault,
  };
}

/** A node's outputs, which depend on the operation: n8n evaluates this where it shows or runs the node. */
function outputsOf(routes: readonly Route[]): INodeTypeDescription['outputs'] {
  const cases = routes.flatMap(({ show, operation: { outputs } }) => {
    if (!outputs) return [];
    const isChosen = Object.entries(show).map(
      ([name, [value]]) => `$parameter.${name} === '${value}'`,
    );
    const configured = outputs.map((displayName) => ({ type: 'main', displayName }));
    return [`${isChosen.join(' && ')} ? ${JSON.stringify(configured)} : `];
  });
  return `={{ ${cases.join('')}['main'] }}`;
}

function subtitleOf(routes: readonly Route[]): string {
  const titles = routes.map(({ resource, operation }) => {
    const { value, name, title = name } = operation;
    const words =
      typeof title === 'string'
        ? JSON.stringify(title)
        : `(${JSON.stringify(title.titles)})[$parameter.${title.parameter}]`;
    return `${JSON.stringify(keyOf(resource, value))}: ${words}`;
  });
  const isOfResources = routes.some(({ resource }) => resource !== undefined);
  const chosen = isOfResources
    ? '$parameter.resource + "." + $parameter.operation'
    : '$parameter.operation';
  return `={{ ({ ${titles.join(', ')} })[${chosen}] }}`;
}

const keyOf = (resource: string | undefined, operation: string) =>
  resource === undefined ? operation : `${resource}.${operation}`;
