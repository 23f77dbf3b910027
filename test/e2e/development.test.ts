import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demo } from '../../simulators';
import { developing, reloadingEnvironment } from '../../tools/dev/develop';
import { startTestN8n } from '../../tools/n8n';
import { repositoryFolder } from '../../tools/n8n/node24';
import { eventually } from '../support/eventually';
import { createStage } from '../support/stage';
import { createWorld, type World } from '../support/world';

// `npm run dev`, on a copy of the sources.

const copied = [
  ...['core', 'credentials', 'nodes', 'workflows', 'dist'],
  ...['package.json', 'tsconfig.json', 'gulpfile.js', 'README.md'],
];
const said: string[] = [];
let root: string;
let world: World;
let bringWorkflows: jest.Mock;
let development: { stop(): Promise<void> };
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'n8n-autoplay-sources-'));
  for (const name of copied) {
    await cp(join(repositoryFolder, name), join(root, name), { recursive: true });
  }
  await symlink(join(repositoryFolder, 'node_modules'), join(root, 'node_modules'));
  const start = async (onLog: (line: string) => void) =>
    await startTestN8n({ packageFolder: root, env: reloadingEnvironment, onLog });
  const stage = await createStage(['intercom'], { start });
  world = await createWorld({}, stage);
  bringWorkflows = jest.fn(async () => undefined);
  development = await developing({
    root,
    packageFolder: join(stage.userFolder, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-autoplay'),
    userFolder: stage.userFolder,
    rest: stage.rest,
    bringWorkflows,
    log: (text) => said.push(text),
  });
});
afterAll(async () => {
  await development?.stop();
  await world?.stop();
  await rm(root, { recursive: true, force: true });
});

/** Saves a source in which something reads differently. */
async function edit(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(root, path), 'utf8');
  expect(text).toContain(from);
  await writeFile(join(root, path), text.replaceAll(from, to));
}

interface Type {
  name: string;
  description: string;
  iconUrl: Record<string, string>;
}

/** What n8n tells its editor of a node; undefined while it writes that anew. */
async function memoryNode(): Promise<Type | undefined> {
  const types = await world.rest.request<Type[] | undefined>('GET', '/types/nodes.json');
  return types?.find(({ name }) => name === 'n8n-nodes-autoplay.autoplaySessionMemory');
}

it('leaves n8n alone as long as nothing changes', () => {
  expect(said).toEqual([]);
});

it('shows another description without a restart', async () => {
  await edit(
    'nodes/AutoplaySessionMemory/AutoplaySessionMemory.node.ts',
    'Remember what visitors do, link',
    'Keep in mind what visitors do, link',
  );
  await eventually(
    async () => (await memoryNode())?.description.startsWith('Keep in mind') ?? false,
  );
  expect(said[0]).toMatch(
    /^nodes\/AutoplaySessionMemory\/AutoplaySessionMemory\.node\.js: n8n has it, \d+\.\d s after it was saved\.$/,
  );
});

it('runs the new code, also that of triggers', async () => {
  await eventually(() => said.length === 2);
  said.length = 0;
  const before = world.connector.requests().length;
  await edit('core/text/note.ts', 'session_id: ', 'visit: ');
  await eventually(() => said.some((text) => /^Restarted with it after .* Intercom/.test(text)));
  expect(world.connector.requests().length).toBeGreaterThan(before);
  await eventually(() => world.connector.stats(demo.productId).subscribers > 0);
  const visitor = await world.linkedVisitor();
  expect(visitor.notes()[0]?.text).toMatch(/^visit: /);
});

it('shows another icon', async () => {
  const light = (await memoryNode())?.iconUrl.light;
  await edit('nodes/AutoplaySessionMemory/memory.svg', '<svg ', '<svg data-edited="yes" ');
  await eventually(async () =>
    (await (await fetch(`${world.n8n.url}/${light}`)).text()).includes('data-edited'),
  );
});

it('says what does not compile, and goes on once it is mended', async () => {
  said.length = 0;
  const path = join(root, 'core', 'text', 'visible.ts');
  const text = await readFile(path, 'utf8');
  await writeFile(path, `${text}\nexport const broken: string = 1;\n`);
  await eventually(() =>
    said.some((line) => /core\/text\/visible\.ts\(\d+,14\): error/.test(line)),
  );
  await writeFile(path, text);
  await edit('nodes/AutoplaySessionMemory/AutoplaySessionMemory.node.ts', 'Keep in mind', 'Know');
  await eventually(async () => (await memoryNode())?.description.startsWith('Know what') ?? false);
});

it('brings workflow files that change', async () => {
  await edit('workflows/crisp.json', '"name"', '"name" ');
  await eventually(() => bringWorkflows.mock.calls.length === 1);
});
