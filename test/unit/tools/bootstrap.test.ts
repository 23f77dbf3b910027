import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { findNode24, reasonToInstall, tooOld } from '../../../tools/bootstrap.cjs';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'bootstrap-'))));
afterEach(() => rmSync(root, { recursive: true }));

const write = (path: string, content: unknown) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
};
const wanted = {
  '': { version: '1.0.0' },
  'node_modules/a': { version: '1.2.3' },
  'node_modules/b/node_modules/a': { version: '1.0.0' },
  'node_modules/for-another-system': { version: '1.0.0', optional: true },
  'node_modules/left-over': { version: '1.0.0', extraneous: true },
};
const installed = {
  'node_modules/a': { version: '1.2.3' },
  'node_modules/b/node_modules/a': { version: '1.0.0' },
};

describe('reasonToInstall', () => {
  it('is that nothing is installed', () => {
    write('package-lock.json', { packages: wanted });
    expect(reasonToInstall(root)).toBe('nothing is installed yet');
  });

  it('is a package that is missing or has another version', () => {
    write('package-lock.json', { packages: wanted });
    write('node_modules/.package-lock.json', {
      packages: { ...installed, 'node_modules/b/node_modules/a': { version: '0.9.0' } },
    });
    expect(reasonToInstall(root)).toBe('a 1.0.0 is missing');
  });

  it('is undefined when everything for this system is installed', () => {
    write('package-lock.json', { packages: wanted });
    write('node_modules/.package-lock.json', { packages: installed });
    expect(reasonToInstall(root)).toBeUndefined();
  });

  it('needs a readable lockfile', () => {
    write('package-lock.json', '<<<<<<<');
    write('node_modules/.package-lock.json', { packages: installed });
    expect(() => reasonToInstall(root)).toThrow('package-lock.json is missing or broken');
  });
});

it('the tools run with the installed Node, or with this one if it is new enough', () => {
  expect(findNode24(root, '20.1.0', '/own/node')).toBeUndefined();
  expect(findNode24(root, '24.0.0', '/own/node')).toBe('/own/node');
  write('node_modules/node/bin/node', '');
  expect(findNode24(root, '24.0.0', '/own/node')).toBe(join(root, 'node_modules/node/bin/node'));
});

it('a Node older than 20 is refused', () => {
  expect(tooOld('18.19.0')).toContain('Node 20 or newer');
  expect(tooOld('20.0.0')).toBeUndefined();
});
