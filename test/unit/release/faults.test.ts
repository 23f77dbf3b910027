import { releaseFaults, type ReleaseFacts } from '../../../tools/release/faults';

const contract = { nodes: {}, credentials: { someApi: [] } };
const good: ReleaseFacts = {
  tag: 'v1.2.3',
  manifest: {
    name: 'n8n-nodes-autoplay',
    version: '1.2.3',
    homepage: 'https://github.com/Somebody/nodes#readme',
    repository: { type: 'git', url: 'git+https://github.com/Somebody/nodes.git' },
    bugs: { url: 'https://github.com/Somebody/nodes/issues' },
  },
  lockedVersion: '1.2.3',
  changelog: '# Changelog\n\n## [1.2.3] - 2026-01-31\n\nMore.\n\n## 1.2.2\n',
  installPages: { 'README.md': 'Enter n8n-nodes-autoplay.' },
  builtFrom: 'somebody/Nodes',
  frozen: contract,
  contract,
};

it('a consistent release passes, from a tag or by hand', () => {
  expect(releaseFaults(good)).toEqual([]);
  expect(releaseFaults({ ...good, tag: undefined, builtFrom: undefined })).toEqual([]);
});

it('the repository alone is enough', () => {
  const { homepage: _, bugs: __, ...manifest } = good.manifest;
  expect(releaseFaults({ ...good, manifest })).toEqual([]);
});

const { repository: _, ...nowhere } = good.manifest;
const of = (fields: Partial<ReleaseFacts['manifest']>) => ({
  manifest: { ...good.manifest, ...fields },
});

it.each<[string, Partial<ReleaseFacts>, string]>([
  ['whose tag is of another version', { tag: 'v1.2.4' }, 'The tag is v1.2.4'],
  ['whose tag lacks the v', { tag: '1.2.3' }, 'The tag is 1.2.3'],
  ['whose lockfile is older', { lockedVersion: '1.2.2' }, 'package-lock.json says 1.2.2'],
  ['of which the changelog says nothing', { changelog: '' }, 'has no entry for 1.2.3'],
  ['of which it speaks only in passing', { changelog: '## 1.2.30\nAs 1.2.3' }, 'has no entry'],
  ['that names no repository', { manifest: nowhere }, 'names no repository'],
  [
    'whose repository is not on GitHub',
    of({ repository: { type: 'git', url: 'https://example.com/nodes.git' } }),
    'names no repository on GitHub',
  ],
  [
    'whose homepage is elsewhere',
    of({ homepage: 'https://github.com/other/nodes' }),
    "package.json's homepage is",
  ],
  [
    'whose issues are elsewhere',
    of({ bugs: { url: 'https://github.com/other/nodes/issues' } }),
    "package.json's bugs is",
  ],
  [
    'that says it cannot be installed from npm',
    { installPages: { 'README.md': 'The package is not on npm yet.' } },
    'README.md still says',
  ],
  ['that is built elsewhere', { builtFrom: 'other/nodes' }, 'this is other/nodes'],
  ['that was not frozen', { frozen: undefined }, 'The contract of 1.2.3'],
  [
    'that was changed since it was frozen',
    { frozen: { ...contract, credentials: {} } },
    'The contract of 1.2.3',
  ],
])('a release is refused %s', (_, facts, fault) => {
  expect(releaseFaults({ ...good, ...facts })).toEqual([expect.stringContaining(fault)]);
});
