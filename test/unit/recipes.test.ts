import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { latestDescriptions } from '../../tools/loadPackage';
import type { WorkflowJson } from '../../tools/n8n';
import { ownNodeOf } from '../support/ownNodes';

const root = join(__dirname, '../..');
const folder = join(root, 'docs/recipes');
const recipes = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map(
    (name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as WorkflowJson] as const,
  );

const { nodes } = latestDescriptions();

it.each(recipes)(
  '%s holds no credentials or webhook ids, and sets only parameters that its nodes have',
  (name, workflow) => {
    expect(workflow.nodes.length).toBeGreaterThan(2);
    for (const node of workflow.nodes) {
      expect([name, node.name, node.credentials, node.webhookId]).toEqual([
        name,
        node.name,
        undefined,
        undefined,
      ]);
      const own = ownNodeOf(node.type);
      if (!own) continue;
      const description = nodes.find(({ name }) => name === own.name);
      expect([description?.version].flat().at(-1)).toBe(node.typeVersion);
      const known = description!.properties.map((property) => property.name);
      expect(known).toEqual(expect.arrayContaining(Object.keys(node.parameters)));
    }
  },
);

it.each(recipes)('%s connects only its own nodes', (_, { nodes: own, connections }) => {
  const names = own.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const ends = [...JSON.stringify(connections).matchAll(/"node":"([^"]*)"/g)].map(([, end]) => end);
  expect(names).toEqual(expect.arrayContaining([...Object.keys(connections), ...ends]));
});

it('no two recipes share a node name or id, so they can be imported into one workflow', () => {
  const all = recipes.flatMap(([, workflow]) => workflow.nodes);
  const shared = ['Autoplay Stream'];
  const names = all.map(({ name }) => name).filter((name) => !shared.includes(name));
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
});
