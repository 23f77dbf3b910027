import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment, node24 } from './node24';
import { runNpm } from './npm';

interface LockEntry {
  name?: string;
  version?: string;
  resolved?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** The `packages` of a package-lock.json. */
export type LockedPackages = Record<string, LockEntry>;

type Environment = Record<string, string>;

/**
 * Makes native modules of a lockfile loadable in a small separate folder, so that a machine that cannot build them
 * reports it before the other 2,200 packages are downloaded.
 *
 * A module with a binary for this platform is left as it is. Others are compiled against the headers that came with
 * the Node that runs them, regardless of npm's settings.
 * @param options.folder an empty folder
 * @param options.environment of npm and its children
 * @returns the modules that had to be built
 * @throws when one can be neither compiled nor downloaded ready-made, with what to install
 */
export async function buildNativeModules(options: {
  names: readonly string[];
  packages: LockedPackages;
  folder: string;
  environment?: Environment;
  signal?: AbortSignal | undefined;
}): Promise<string[]> {
  const { names, packages, folder, environment = childEnvironment(), signal } = options;
  const npm = async (args: string[], more: Environment = {}) =>
    await runNpm(args, { cwd: folder, signal, environment: { ...environment, ...more } });

  await mkdir(folder, { recursive: true });
  await writeLock(folder, names, packages);
  await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  const needed: string[] = [];
  for (const name of names) if (!(await loads(name, folder, environment))) needed.push(name);
  if (needed.length === 0) return [];

  const missing = missingTools(environment);
  try {
    for (const name of needed) {
      await npm(['rebuild', '--ignore-scripts=false', name], {
        ...(await headersOf(node24())),
        // Compiling needs no download; a prebuilt binary comes from github.com.
        ...(missing.length === 0 && { npm_config_build_from_source: name }),
      });
    }
    await proveNativeModules(needed, folder, environment);
  } catch (error) {
    signal?.throwIfAborted();
    if (missing.length === 0) throw error;
    throw new Error(
      `${needed.join(', ')} must be compiled, which needs ${missing.join(' and ')}. ${howToInstall(environment.PATH)}`,
      { cause: error },
    );
  }
  return needed;
}

/** Copies what {@link buildNativeModules} built in one folder to the same modules of another. */
export async function copyBuilt(names: readonly string[], from: string, to: string): Promise<void> {
  for (const name of names) {
    const build = join('node_modules', name, 'build');
    await cp(join(from, build), join(to, build), { recursive: true });
  }
}

/** @throws with Node's error when one of the modules does not load in Node 24 */
export async function proveNativeModules(
  names: readonly string[],
  folder: string,
  environment: Environment = childEnvironment(),
): Promise<void> {
  const proof = names.map((name) => `require(${JSON.stringify(name)})`).join(';');
  await promisify(execFile)(node24(), ['-e', proof], { cwd: folder, env: environment });
}

const loads = async (name: string, folder: string, environment: Environment) =>
  await proveNativeModules([name], folder, environment).then(
    () => true,
    () => false,
  );

/**
 * The environment that names the headers of a Node for node-gyp, if they came with it. The variable overrides
 * npm's `nodedir` setting, because npm reads its environment last.
 */
async function headersOf(node: string): Promise<Environment> {
  const { stdout } = await promisify(execFile)(node, ['--version']);
  // Where Node is installed as a whole, and where the dependency `node` puts it.
  const prefixes = [resolve(dirname(node), '..'), ...brought(resolve(dirname(node), '..'))];
  for (const prefix of prefixes) {
    const header = join(prefix, 'include', 'node', 'node_version.h');
    if (existsSync(header) && versionOf(await readFile(header, 'utf8')) === stdout.trim()) {
      return { npm_config_nodedir: prefix };
    }
  }
  return {};
}

const brought = (folder: string) =>
  globSync('node_modules/node-*', { cwd: folder }).map((path) => join(folder, path));

function versionOf(header: string): string {
  const parts = ['MAJOR', 'MINOR', 'PATCH'].map(
    (part) => new RegExp(`#define NODE_${part}_VERSION (\\d+)`).exec(header)?.[1],
  );
  return `v${parts.join('.')}`;
}

/** The tools for node-gyp that are not on the PATH. */
function missingTools({ PATH: path = '', CXX }: Environment): string[] {
  if (process.platform === 'win32') return [];
  const has = (...programs: string[]) =>
    path.split(delimiter).some((folder) => programs.some((name) => existsSync(join(folder, name))));
  return [
    ...(has('python3', 'python') ? [] : ['Python 3']),
    ...(has('make', 'gmake') ? [] : ['make']),
    ...(CXX || has('c++', 'g++', 'clang++') ? [] : ['a C++ compiler']),
  ];
}

function howToInstall(path = ''): string {
  if (process.platform === 'darwin') return 'Install: xcode-select --install';
  const onDebian = path.split(delimiter).some((folder) => existsSync(join(folder, 'apt-get')));
  return onDebian
    ? 'Install: sudo apt-get install python3 make g++'
    : 'Install it with the package manager of this system.';
}

/** A package.json and package-lock.json with these modules and what they depend on, as the big lockfile pins them. */
async function writeLock(folder: string, names: readonly string[], packages: LockedPackages) {
  const dependencies: Record<string, string> = {};
  const locked: LockedPackages = {};
  for (const name of names) {
    const entry = packages[`node_modules/${name}`]!;
    dependencies[name] = entry.resolved?.startsWith('file:')
      ? entry.resolved
      : `${entry.name ? `npm:${entry.name}@` : ''}${entry.version}`;
    collect(`node_modules/${name}`, packages, locked);
  }
  const root = { name: 'native-modules', private: true, dependencies };
  const lock = { ...root, lockfileVersion: 3, packages: { '': root, ...locked } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(root));
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock));
}

/** Copies the entry at `path` and all that it depends on, found as Node finds it: from the inside out. */
function collect(path: string, from: LockedPackages, to: LockedPackages): void {
  const entry = from[path];
  if (!entry || path in to) return;
  to[path] = entry;
  for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
    for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
      const candidate = join(at, 'node_modules', name);
      if (candidate in from) collect(candidate, from, to);
      if (candidate in from || at === '') break;
    }
  }
}
