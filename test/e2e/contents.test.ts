import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { repositoryFolder } from '../../tools/n8n/node24';
import { runNpm } from '../../tools/n8n/npm';

// What `npm pack` would publish, of what was built.

interface Packed {
  size: number;
  unpackedSize: number;
  files: Array<{ path: string }>;
}

interface Manifest {
  n8n: { nodes: string[]; credentials: string[] };
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
}

const read = (path: string) => readFileSync(join(repositoryFolder, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;

let packed: Packed;
let paths: string[];
beforeAll(async () => {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  [packed] = JSON.parse(await runNpm(args, { cwd: repositoryFolder })) as [Packed];
  paths = packed.files.map(({ path }) => path);
});

/** Files of the repository in a folder, as paths from its root. */
const filesIn = (folder: string) =>
  readdirSync(join(repositoryFolder, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(repositoryFolder.length + 1));

it('is what was built from the sources, the workflows and the texts about it, and nothing else', () => {
  const built = ['core', 'credentials', 'nodes']
    .flatMap(filesIn)
    .map((path) => join('dist', path.replace(/\.ts$/, '.js')));
  const texts = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];
  const there = texts.filter((path) => existsSync(join(repositoryFolder, path)));
  expect([...paths].sort()).toEqual([...built, ...filesIn('workflows'), ...there].sort());
  expect(there).toEqual(expect.arrayContaining(['README.md', 'LICENSE']));
});

it('consists of kinds of files that n8n or people use', () => {
  const kinds =
    /^(package\.json|\w+\.md|LICENSE|workflows\/[\w-]+\.json|dist\/.*\.(js|svg|node\.json))$/;
  expect(paths.filter((path) => !kinds.test(path))).toEqual([]);
  expect(paths.filter((path) => read(path).includes('sourceMappingURL'))).toEqual([]);
});

it('has all that it names, with icons for light and dark, and a codex file for each node', () => {
  const { nodes, credentials } = manifest.n8n;
  const loadable = paths.filter((path) => /\.(node|credentials)\.js$/.test(path));
  expect(loadable.sort()).toEqual([...nodes, ...credentials].sort());
  expect(paths).toEqual(expect.arrayContaining(nodes.map((path) => `${path}on`)));
  for (const path of loadable) {
    const icons = [...read(path).matchAll(/['"]file:([^'"]+)['"]/g)].map(([, file]) => file!);
    expect([path, icons.length]).toEqual([path, 2]);
    expect(paths).toEqual(expect.arrayContaining(icons.map((file) => join(dirname(path), file))));
  }
});

it('needs nothing that it neither declares nor contains', () => {
  const declared = new Set([
    ...Object.keys(manifest.dependencies),
    ...Object.keys(manifest.peerDependencies),
  ]);
  const isThere = (from: string, name: string) => {
    if (!name.startsWith('.')) return isBuiltin(name) || declared.has(packageOf(name));
    const file = join(dirname(from), name);
    return [file, `${file}.js`, join(file, 'index.js')].some((path) => paths.includes(path));
  };
  const lacking = paths
    .filter((path) => path.endsWith('.js'))
    .flatMap((path) =>
      [...read(path).matchAll(/\b(?:require|import)\(["']([^"']+)["']\)/g)]
        .map(([, name]) => name!)
        .filter((name) => !isThere(path, name))
        .map((name) => `${path} needs ${name}`),
    );
  expect(lacking).toEqual([]);
});

it('is small', () => {
  expect(packed.size).toBeLessThan(400_000);
  expect(packed.unpackedSize).toBeLessThan(1_700_000);
});

/** `@scope/name/file` is in the package `@scope/name`. */
const packageOf = (name: string) => /^(?:@[^/]+\/)?[^/]+/.exec(name)![0];
