import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const pages = [
  'README.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

interface Locked {
  version: string;
  dependencies?: Record<string, string>;
  hasInstallScript?: boolean;
}

const { dependencies } = JSON.parse(read('package.json')) as {
  dependencies: Record<string, string>;
};
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
const dependencyPage = read('docs/dependencies.md');

/** Everything that is installed with the package, by its path in the lockfile. */
function installed(): string[] {
  const found = new Set<string>();
  const add = (from: string, name: string): void => {
    const nested = `${from}/node_modules/${name}`;
    const path = nested in packages ? nested : `node_modules/${name}`;
    if (found.has(path)) return;
    found.add(path);
    for (const one of Object.keys(packages[path]?.dependencies ?? {})) add(path, one);
  };
  for (const name of Object.keys(dependencies)) add('', name);
  return [...found];
}

describe('docs/dependencies.md', () => {
  it.each(Object.entries(dependencies))('gives the range of %s, and reasons', (name, range) => {
    const row = dependencyPage.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    const [, , shown, why, whyThisRange] = row?.split('|').map((cell) => cell.trim()) ?? [];
    expect(shown).toBe(`\`${range}\``);
    expect(why!.length).toBeGreaterThan(20);
    expect(whyThisRange!.length).toBeGreaterThan(20);
  });

  it('names nothing that is not there', () => {
    const rows = [...dependencyPage.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(Object.keys(dependencies).sort());
  });

  it('names all that they bring; none of it runs a script when installed', () => {
    for (const path of installed()) {
      expect([path, packages[path]?.version]).toEqual([path, expect.any(String)]);
      expect([path, packages[path]?.hasInstallScript]).toEqual([path, undefined]);
      expect(dependencyPage).toContain(`\`${path.split('node_modules/').at(-1)}\``);
    }
  });
});

it.each(pages)('%s names only files that are there', (page) => {
  const text = read(page);
  const quoted = [
    ...text.matchAll(
      /`((?:test|core|nodes|tools|workflows|simulators|bench)\/[\w./-]+\.(?:ts|cjs|json))`/g,
    ),
  ];
  // Pictures are drawn by other commands, and may follow later.
  const linked = [...text.matchAll(/(?<!!\[[^\]]*)\]\(((?!https?:|#)[^)#]+)(?:#[^)]*)?\)/g)];
  const folder = page.startsWith('docs/') ? 'docs' : '.';
  const lacking = [
    ...quoted.map(([, path]) => path!),
    ...linked.map(([, path]) => join(folder, path!)),
  ].filter((path) => !existsSync(join(root, path)));
  expect(lacking).toEqual([]);
});
