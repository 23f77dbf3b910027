import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEVELOPMENT, readSettings } from '../../../tools/demo/settings';
import { copyChanged } from '../../../tools/dev/copy';

describe('copyChanged', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'copy-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const path = (...parts: string[]) => join(folder, ...parts);

  it('copies new and changed files only', () => {
    for (const name of ['from/deep', 'to/deep']) mkdirSync(path(name), { recursive: true });
    for (const [name, text] of [
      ['from/same.js', 'same'],
      ['to/same.js', 'same'],
      ['from/deep/other.js', 'after'],
      ['to/deep/other.js', 'before'],
      ['from/deep/new.svg', 'new'],
      ['to/own.js', 'own'],
    ] as const) {
      writeFileSync(path(name), text);
    }
    utimesSync(path('to/same.js'), 1, 1);
    expect(copyChanged(path('from'), path('to')).sort()).toEqual(['deep/new.svg', 'deep/other.js']);
    const contents = ['deep/new.svg', 'deep/other.js', 'own.js'].map((name) =>
      readFileSync(path('to', name), 'utf8'),
    );
    expect(contents).toEqual(['new', 'after', 'own']);
    expect(statSync(path('to/same.js')).mtimeMs).toBe(1_000);
    expect(copyChanged(path('from'), path('to'))).toEqual([]);
  });
});

it('development uses another folder and other ports than the demo', () => {
  const [demo, development] = [
    readSettings({}, '/r'),
    readSettings({}, '/r', { usually: DEVELOPMENT }),
  ];
  expect(development.folder).toBe('/r/.dev');
  const ports = [...Object.values(demo.ports), ...Object.values(development.ports)];
  expect(new Set(ports).size).toBe(14);
  expect(readSettings({ N8N_PORT: '1234' }, '/r', { usually: DEVELOPMENT }).ports.n8n).toBe(1234);
});
