import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ICredentialType,
  INodeType,
  INodeTypeDescription,
  IVersionedNodeType,
} from 'n8n-workflow';
import { repositoryFolder } from './n8n/node24';

/** The descriptions that the package adds to n8n. */
export interface Loaded {
  /** The descriptions of a node, one for each of its implementations, by its name. */
  nodes: Record<string, INodeTypeDescription[]>;
  /** By the name of the type. */
  credentials: Record<string, ICredentialType>;
}

type AnyNode = INodeType | IVersionedNodeType;

/** The nodes that package.json names, made from their sources, by their names. */
export function loadNodes(): Record<string, AnyNode> {
  return byName(listed().nodes.map(make<AnyNode>), (node) => node.description.name);
}

/** The descriptions of all nodes and credentials that package.json names, from their sources. */
export function loadPackage(): Loaded {
  const nodes = Object.entries(loadNodes()).map(([name, node]) => [name, descriptionsOf(node)]);
  const credentials = listed().credentials.map(make<ICredentialType>);
  return {
    nodes: Object.fromEntries(nodes) as Loaded['nodes'],
    credentials: byName(credentials, ({ name }) => name),
  };
}

/** The present descriptions; for a node with several implementations, the latest. */
export interface Descriptions {
  nodes: INodeTypeDescription[];
  credentials: ICredentialType[];
}

/** The descriptions of a node that a user adds today. */
export function latestDescriptions(): Descriptions {
  const { nodes, credentials } = loadPackage();
  return {
    nodes: Object.values(nodes).flatMap((descriptions) => descriptions.at(-1) ?? []),
    credentials: Object.values(credentials),
  };
}

/** One description for each implementation of a node. */
export function descriptionsOf(node: AnyNode): INodeTypeDescription[] {
  if (!('nodeVersions' in node)) return [node.description];
  return Object.values(node.nodeVersions).map(({ description }) => description);
}

function listed(): { nodes: string[]; credentials: string[] } {
  const text = readFileSync(join(repositoryFolder, 'package.json'), 'utf8');
  return (JSON.parse(text) as { n8n: { nodes: string[]; credentials: string[] } }).n8n;
}

/** n8n finds the class by the name of the file. */
function make<T>(built: string): T {
  const source = built.replace(/^dist\//, '').replace(/\.js$/, '.ts');
  const name = source.split('/').at(-1)!.split('.')[0]!;
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const module = require(join(repositoryFolder, source)) as Record<string, new () => T>;
  return new module[name]!();
}

function byName<T>(all: T[], nameOf: (one: T) => string): Record<string, T> {
  return Object.fromEntries(all.map((one) => [nameOf(one), one]));
}
