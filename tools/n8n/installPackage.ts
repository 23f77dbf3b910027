import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryFolder } from './node24';
import { runNpm } from './npm';

/** A community package in an n8n user folder. */
export interface InstalledPackage {
  name: string;
  version: string;
  dir: string;
  /** False when exactly this package was there already. */
  changed: boolean;
}

interface Manifest {
  name: string;
  version: string;
  [field: string]: unknown;
}

/**
 * Installs a built package into an n8n user folder the way n8n's own community package installer does: packed as
 * for publishing, without dev, peer and optional dependencies, and without install scripts. What works here works
 * for someone who installs from the editor. n8n finds it at its next start; it needs no database entry to load.
 *
 * @param options.userFolder what n8n gets as N8N_USER_FOLDER.
 * @param options.packageFolder the package to install, already built; this repository by default.
 * @param options.reuse a folder in which to keep the installed dependencies for next time. Tests install the same
 * package again and again, and most of that is npm.
 */
export async function installPackage(options: {
  userFolder: string;
  packageFolder?: string;
  reuse?: string;
}): Promise<InstalledPackage> {
  const { userFolder, packageFolder = repositoryFolder } = options;
  const nodesFolder = join(userFolder, '.n8n', 'nodes');
  const workFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-pack-'));
  try {
    const packed = await pack(packageFolder, workFolder);
    const manifest = await readJson<Manifest>(join(packageFolder, 'package.json'));
    const dir = join(nodesFolder, 'node_modules', manifest.name);
    const result = { name: manifest.name, version: manifest.version, dir };
    const stamp = join(nodesFolder, `${manifest.name.replace('/', '_')}.sha256`);
    if (existsSync(dir) && (await readFile(stamp, 'utf8').catch(() => '')) === packed.hash) {
      return { ...result, changed: false };
    }
    await rm(stamp, { force: true });
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { recursive: true });
    await unpack(packed.file, dir, options.reuse);
    await record(nodesFolder, manifest);
    await writeFile(stamp, packed.hash);
    return { ...result, changed: true };
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

/** npm packs reproducibly, so the tarball's hash changes only with its content. */
async function pack(packageFolder: string, to: string) {
  const args = ['pack', '--quiet', '--ignore-scripts', '--pack-destination', to];
  const file = join(to, (await runNpm(args, { cwd: packageFolder })).trim());
  return {
    file,
    hash: createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  };
}

async function unpack(tarball: string, dir: string, reuse: string | undefined) {
  await promisify(execFile)('tar', ['-xzf', tarball, '-C', dir, '--strip-components=1']);
  const path = join(dir, 'package.json');
  const manifest = await readJson<Manifest>(path);
  delete manifest.devDependencies;
  delete manifest.peerDependencies;
  delete manifest.optionalDependencies;
  await writeFile(path, JSON.stringify(manifest, null, 2));

  const modules = join(dir, 'node_modules');
  const wanted = createHash('sha256').update(JSON.stringify(manifest.dependencies ?? {}));
  const kept = reuse && join(reuse, `dependencies-${wanted.digest('hex').slice(0, 12)}`);
  if (kept && existsSync(kept)) return await copy(kept, modules);
  await installDependencies(dir);
  if (kept && existsSync(modules)) await keep(modules, kept);
}

async function installDependencies(dir: string) {
  const flags = [
    '--audit=false',
    '--fund=false',
    '--bin-links=false',
    '--install-strategy=shallow',
    '--ignore-scripts=true',
    '--package-lock=false',
  ];
  // n8n always asks the registry; npm's cache is much quicker.
  await runNpm(['install', '--prefer-offline', ...flags], { cwd: dir });
}

/** Uses `cp`, which copies thousands of small files in a third of the time. */
async function copy(from: string, to: string) {
  await promisify(execFile)('cp', ['-R', from, to]);
}

/** Copies a folder so that other processes see it whole or not at all. */
async function keep(folder: string, as: string) {
  const partial = await mkdtemp(`${as}.partial-`);
  await copy(folder, join(partial, 'modules'));
  // Another process may have stored the same copy first.
  await rename(join(partial, 'modules'), as).catch(() => {});
  await rm(partial, { recursive: true, force: true });
}

/** n8n's list of installed packages. n8n rebuilds it from the database when it is missing or broken. */
async function record(nodesFolder: string, manifest: Manifest) {
  const path = join(nodesFolder, 'package.json');
  const known = await readJson<{ dependencies?: Record<string, string> }>(path).catch(
    () => undefined,
  );
  const dependencies = { ...known?.dependencies, [manifest.name]: manifest.version };
  const list = { name: 'installed-nodes', private: true, dependencies };
  await writeFile(path, JSON.stringify(list, null, 2));
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}
