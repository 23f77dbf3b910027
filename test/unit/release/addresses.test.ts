import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  addressesOf,
  inCodex,
  inCredential,
  inMarkdown,
  inWorkflow,
} from '../../../tools/release/addresses';
import { put, restore } from '../../../tools/release/published';

// The package has no docs and no pictures of its own: on npm and in n8n, they are read at its repository.

const root = join(__dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const repository = { type: 'git', url: 'git+https://github.com/Somebody/nodes.git' };
const addresses = addressesOf({ version: '1.2.3', repository })!;

/** The files of the repository that a text has addresses of. */
function pointedTo(text: string): string[] {
  const found = text.matchAll(
    /https:\/\/(?:github\.com\/Somebody\/nodes\/blob|raw\.githubusercontent\.com\/Somebody\/nodes)\/v1\.2\.3\/([\w./-]+)/g,
  );
  return [...found].map(([, path]) => path!);
}
const missing = (text: string) => pointedTo(text).filter((path) => !existsSync(join(root, path)));

it.each(['README.md', 'CHANGELOG.md'])(
  'every link and picture of %s resolves outside of the repository',
  (page) => {
    const text = inMarkdown(read(page), addresses);
    expect([...text.matchAll(/\]\((?!https?:|#)[^)]*\)/g)].map(([link]) => link)).toEqual([]);
    expect(pointedTo(text).length).toBeGreaterThan(0);
    expect(missing(text)).toEqual([]);
  },
);

it('pictures lead to their content, pages to how GitHub shows them, and other links stay', () => {
  const text = '![a](docs/a.png) [b](docs/b.md#c) [d](#d) [e](https://example.com)';
  expect(inMarkdown(text, addresses)).toBe(
    '![a](https://raw.githubusercontent.com/Somebody/nodes/v1.2.3/docs/a.png) [b](https://github.com/Somebody/nodes/blob/v1.2.3/docs/b.md#c) [d](#d) [e](https://example.com)',
  );
});

it.each(globSync('nodes/*/*.node.json', { cwd: root }))('%s leads to its own page', (file) => {
  const codex = JSON.parse(inCodex(read(file), addresses)) as {
    node: string;
    resources: { primaryDocumentation: [{ url: string }] };
  };
  const [page] = pointedTo(codex.resources.primaryDocumentation[0].url);
  expect(read(page!)).toContain(`\`${codex.node}\``);
});

it.each(globSync('credentials/*.ts', { cwd: root }))(
  '%s leads to the page about its values',
  (file) => {
    const before = read(file);
    const after = inCredential(before, addresses);
    expect(pointedTo(after)).toHaveLength(1);
    expect(missing(after)).toEqual([]);
    const displayName = /displayName = '([^']*)'/.exec(before)![1]!;
    expect(read(pointedTo(after)[0]!)).toContain(displayName);
  },
);

it.each(globSync('workflows/*.json', { cwd: root }))(
  '%s is the same workflow, and names only pages that exist',
  (file) => {
    const after = inWorkflow(read(file), addresses);
    expect(() => void JSON.parse(after)).not.toThrow();
    expect(after).not.toMatch(/`docs\//);
    expect(missing(after)).toEqual([]);
  },
);

it.each([undefined, { url: '' }, { url: 'https://example.com/nodes.git' }])(
  'no address is made up for the repository %j',
  (repository) => {
    expect(addressesOf({ version: '1.2.3', repository })).toBeUndefined();
  },
);

describe('around npm pack', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pack-'));
    const files = {
      'README.md': 'README.md',
      'CHANGELOG.md': 'CHANGELOG.md',
      'workflows/crisp.json': 'workflows/crisp.json',
      'nodes/CrispConversation/CrispConversation.node.json':
        'dist/nodes/CrispConversation/CrispConversation.node.json',
      'credentials/CrispConversationApi.credentials.ts':
        'dist/credentials/CrispConversationApi.credentials.js',
    };
    for (const [from, to] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, to)), { recursive: true });
      cpSync(join(root, from), join(folder, to));
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const manifest = (fields: object) =>
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: '1.2.3', ...fields }));
  const contents = () =>
    Object.fromEntries(
      globSync('{*.md,workflows/*,dist/*/*.js,dist/*/*/*.json}', { cwd: folder }).map((path) => [
        path,
        readFileSync(join(folder, path), 'utf8'),
      ]),
    );

  it('the packed files have addresses, and the sources are as before, also after a pack that broke off', () => {
    manifest({ repository });
    const before = contents();
    put(folder);
    put(folder);
    const packed = contents();
    expect(Object.keys(packed).filter((path) => packed[path] === before[path])).toEqual([]);
    restore(folder);
    for (const path of ['README.md', 'CHANGELOG.md', 'workflows/crisp.json']) {
      expect(contents()[path]).toBe(before[path]);
    }
  });

  it('nothing changes while package.json names no repository', () => {
    manifest({});
    const before = contents();
    put(folder);
    expect(contents()).toEqual(before);
    restore(folder);
    expect(contents()).toEqual(before);
  });
});
