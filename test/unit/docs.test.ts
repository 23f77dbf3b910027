import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const below = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
const pages = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...below('docs'),
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
  it.each(Object.entries(dependencies))(
    'gives the range of %s that package.json asks for',
    (name, range) => {
      const row = dependencyPage.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
      expect(row?.split('|')[2]?.trim()).toBe(`\`${range}\``);
    },
  );

  it('lists no package that is not a dependency', () => {
    const rows = [...dependencyPage.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(Object.keys(dependencies).sort());
  });

  it('names every package that is installed with them, none of which runs an install script', () => {
    for (const path of installed()) {
      expect([path, packages[path]?.version]).toEqual([path, expect.any(String)]);
      expect([path, packages[path]?.hasInstallScript]).toEqual([path, undefined]);
      expect(dependencyPage).toContain(`\`${path.split('node_modules/').at(-1)}\``);
    }
  });
});

it.each(pages)('%s names only files that exist', (page) => {
  const quoted = read(page).matchAll(
    /`((?:test|core|nodes|tools|workflows|simulators|bench)\/[\w./-]+\.(?:ts|cjs|json))`/g,
  );
  const lacking = [
    ...[...quoted].map(([, path]) => path!),
    ...linksOf(page).map(({ path }) => path),
  ].filter((path) => !existsSync(join(root, path)));
  expect(lacking).toEqual([]);
});

it.each(pages)('%s links only to headings that exist', (page) => {
  const lacking = linksOf(page).filter(
    ({ path, anchor }) =>
      anchor !== undefined && path.endsWith('.md') && !anchorsOf(path).has(anchor),
  );
  expect(lacking).toEqual([]);
});

it('every page can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const page of reached) {
    for (const { path } of linksOf(page)) if (pages.includes(path)) reached.add(path);
  }
  expect(pages.filter((page) => !reached.has(page))).toEqual([]);
});

/** What a page links to within the repository. Pictures are drawn by other commands, and may follow later. */
function linksOf(page: string): Array<{ path: string; anchor: string | undefined }> {
  const links = read(page).matchAll(/(?<!!\[[^\]]*)\]\(((?!https?:)[^)#]*)(?:#([^)]*))?\)/g);
  return [...links].map(([, path, anchor]) => ({
    path: path ? join(dirname(page), path) : page,
    anchor,
  }));
}

/** The anchors that GitHub gives to a page's headings. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  const text = read(page).replace(/^```[^]*?^```/gm, '');
  for (const [, heading] of text.matchAll(/^#+ (.+)$/gm)) {
    const slug = heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again++) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}
