import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ICredentialType, INodeType, INodeTypeDescription } from 'n8n-workflow';

/** Everything that the package brings into n8n. */
export interface Descriptions {
  nodes: INodeTypeDescription[];
  credentials: ICredentialType[];
}

/**
 * What nodes and credentials say of themselves, from their sources: those that `package.json` names.
 * @param root the repository's folder
 */
export async function readDescriptions(root: string): Promise<Descriptions> {
  const { n8n } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    n8n: { nodes: string[]; credentials: string[] };
  };
  const load = async <T>(file: string): Promise<T> => {
    const source = file.replace(/^dist\//, '').replace(/\.js$/, '.ts');
    const exported = (await import(join(root, source))) as Record<string, new () => T>;
    // n8n, too, looks for the class that is named as the file.
    const name = file.split('/').at(-1)!.split('.')[0]!;
    return new exported[name]!();
  };
  const nodes = await Promise.all(n8n.nodes.map((file) => load<INodeType>(file)));
  return {
    nodes: nodes.map(({ description }) => description),
    credentials: await Promise.all(n8n.credentials.map((file) => load<ICredentialType>(file))),
  };
}
