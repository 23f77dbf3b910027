import {
  NodeHelpers,
  Workflow,
  type INode,
  type INodeType,
  type INodeTypes,
  type INodeParameters,
  type INodeProperties,
  type INodePropertyOptions,
  type INodeTypeDescription,
} from 'n8n-workflow';
import type { Loaded } from '../loadPackage';

/** What saved workflows and credentials rely on, as a version of the package was released. */
export interface Contract {
  nodes: Record<string, NodeContract[]>;
  /** By the name of the type. */
  credentials: Record<string, Field[]>;
}

/** One version of a node. */
export interface NodeContract {
  version: number;
  credentials: string[];
  webhooks: unknown[];
  fields: Field[];
  uses: Use[];
}

/** A parameter or a field of a credential, nested ones included. */
export interface Field {
  /** The internal names from the outside in, separated by dots. */
  path: string;
  type: string;
  default: unknown;
  /** The values of a choice. */
  values?: unknown[];
}

/** One operation of a node: the parameters that the editor saves, and those that n8n works with. */
export interface Use {
  saved: INodeParameters;
  filled: INodeParameters;
  /** The types of its connections, in order. */
  inputs: string[];
  outputs: string[];
}

/** The contract of nodes and credentials as they are now. */
export function contractOf({ nodes, credentials }: Loaded): Contract {
  return {
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([name, descriptions]) => [name, descriptions.flatMap(ofNode)]),
    ),
    credentials: Object.fromEntries(
      Object.entries(credentials).map(([name, { properties }]) => [name, fieldsOf(properties)]),
    ),
  };
}

function ofNode(description: INodeTypeDescription): NodeContract[] {
  return [description.version].flat().map((version) => ({
    version,
    credentials: (description.credentials ?? []).map(({ name }) => name),
    webhooks: (description.webhooks ?? []).map(({ name, httpMethod, path, isFullPath }) => ({
      name,
      httpMethod,
      path,
      isFullPath: isFullPath ?? false,
    })),
    fields: fieldsOf(description.properties),
    uses: choices(description, version).map((chosen) => {
      // The editor does not save defaults.
      const saved = parametersOf(description, version, chosen, false);
      return useOf(description, version, saved);
    }),
  }));
}

/** The parameters and connections that n8n derives from a saved node. */
export function useOf(
  description: INodeTypeDescription,
  typeVersion: number,
  saved: INodeParameters,
): Use {
  const filled = parametersOf(description, typeVersion, saved);
  const parameters = saved;
  const node = { id: '', name: 'node', type: '', typeVersion, position: [0, 0], parameters };
  const type = { description } as INodeType;
  const nodeTypes: INodeTypes = {
    getByName: () => type,
    getByNameAndVersion: () => type,
    getKnownTypes: () => ({}),
  };
  const workflow = new Workflow({
    nodes: [node as INode],
    connections: {},
    active: false,
    nodeTypes,
  });
  const typesOf = (ends: Array<string | { type: string }>) =>
    ends.map((end) => (typeof end === 'string' ? end : end.type));
  return {
    saved,
    filled,
    inputs: typesOf(NodeHelpers.getNodeInputs(workflow, workflow.nodes.node!, description)),
    outputs: typesOf(NodeHelpers.getNodeOutputs(workflow, workflow.nodes.node!, description)),
  };
}

/** The parameters that n8n derives from the saved ones. */
export function parametersOf(
  description: INodeTypeDescription,
  typeVersion: number,
  saved: INodeParameters,
  withDefaults = true,
): INodeParameters {
  const properties = description.properties.filter(isSaved);
  const node = { typeVersion };
  return (
    NodeHelpers.getNodeParameters(properties, saved, withDefaults, false, node, description) ?? {}
  );
}

/** Every pair of a resource and an operation; one empty choice for a node that has neither. */
function choices(description: INodeTypeDescription, version: number): INodeParameters[] {
  return ['resource', 'operation'].reduce<INodeParameters[]>(
    (chosen, name) =>
      chosen.flatMap((before) => {
        const shown = description.properties.find(
          (property) =>
            property.name === name &&
            NodeHelpers.displayParameter(
              before,
              property,
              { typeVersion: version },
              description,
              before,
            ),
        );
        const values = (shown?.options ?? []) as INodePropertyOptions[];
        return values.length === 0
          ? [before]
          : values.map(({ value }) => ({ ...before, [name]: value }));
      }),
    [{}],
  );
}

/** All fields, nested ones too. */
function fieldsOf(properties: INodeProperties[], within = ''): Field[] {
  return properties.filter(isSaved).flatMap((property) => {
    const path = within + property.name;
    const options = property.options ?? [];
    const values = options.flatMap((one) => ('value' in one ? [one.value] : []));
    const own: Field = {
      path,
      type: property.type,
      default: property.default,
      ...(values.length > 0 && { values }),
    };
    const nested = options.flatMap((one) => {
      if ('values' in one) return fieldsOf(one.values, `${path}.${one.name}.`);
      return 'type' in one ? fieldsOf([one], `${path}.`) : [];
    });
    return [own, ...nested];
  });
}

/** A notice is shown and never saved. */
const isSaved = ({ type }: INodeProperties) => type !== 'notice';
