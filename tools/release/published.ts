import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Addresses,
  addressesOf,
  inCodex,
  inCredential,
  inMarkdown,
  inWorkflow,
  type Manifest,
} from './addresses';

type Rewrite = (text: string, addresses: Addresses) => string;

const SOURCES: ReadonlyArray<readonly [string, Rewrite]> = [
  ['README.md', inMarkdown],
  ['CHANGELOG.md', inMarkdown],
  ['workflows/*.json', inWorkflow],
];
const BUILT: ReadonlyArray<readonly [string, Rewrite]> = [
  ['dist/nodes/*/*.node.json', inCodex],
  ['dist/credentials/*.credentials.js', inCredential],
];
/** Where the sources wait meanwhile. */
const ASIDE = 'node_modules/.cache/n8n-nodes-autoplay/sources';

/**
 * Before `npm pack`: gives the files of the package the addresses of the repository that package.json names, if it names
 * one. Harmless after a pack that was interrupted.
 */
export function put(folder: string): void {
  restore(folder);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const addresses = addressesOf(manifest);
  if (!addresses) return;
  const write = (path: string, rewrite: Rewrite) => {
    const file = join(folder, path);
    writeFileSync(file, rewrite(readFileSync(file, 'utf8'), addresses));
  };
  for (const [pattern, rewrite] of SOURCES) {
    for (const path of globSync(pattern, { cwd: folder })) {
      const aside = join(folder, ASIDE, path);
      mkdirSync(dirname(aside), { recursive: true });
      cpSync(join(folder, path), aside);
      write(path, rewrite);
    }
  }
  for (const [pattern, rewrite] of BUILT) {
    for (const path of globSync(pattern, { cwd: folder })) write(path, rewrite);
  }
}

/** After `npm pack`: puts back the files that are sources as well. */
export function restore(folder: string): void {
  const aside = join(folder, ASIDE);
  if (!existsSync(aside)) return;
  cpSync(aside, folder, { recursive: true });
  rmSync(aside, { recursive: true });
}
