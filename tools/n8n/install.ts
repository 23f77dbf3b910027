import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from './lock';
import {
  buildNativeModules,
  copyBuilt,
  type LockedPackages,
  proveNativeModules,
} from './nativeModules';
import { runNpm } from './npm';

/** An n8n ready to run. */
export interface N8nInstall {
  /** The folder with its node_modules. */
  dir: string;
  /** The script to give to Node. */
  bin: string;
  version: string;
}

/** The progress of an installation. */
export interface InstallProgress {
  phase: 'waiting' | 'building' | 'downloading' | 'done';
  elapsedSeconds: number;
  /** Bytes on disk so far. */
  bytes: number;
}

/** The folder that pins the oldest n8n the package claims to work with. */
export const oldestN8n = join(__dirname, 'oldest');

const nativeModules = ['sqlite3', 'isolated-vm'];
const neededBytes = 5 * 2 ** 30;

/**
 * The cache folder for the n8n of a lockfile. Its name contains the lockfile's hash, so that clones with different
 * lockfiles never share one.
 */
export function installFolder(
  lockfile: string,
  version: string,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const hash = createHash('sha256').update(lockfile).digest('hex').slice(0, 12);
  return join(cacheFolder(environment), `n8n-${version}-${hash}`);
}

/** The folder of all caches of this project. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const base =
    environment.N8N_AUTOPLAY_CACHE || environment.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'n8n-nodes-autoplay');
}

/**
 * Installs the pinned n8n in the cache, if it is not there, and returns where it is. Installing takes minutes and
 * happens once. Several processes may call this at once, and it may be interrupted: a partial folder is never used.
 *
 * @param options.manifestFolder the folder with the package.json and package-lock.json to install; by default the n8n that
 * everything is developed with.
 * @param options.cacheDir the exact folder to install to, instead of the one named after the lockfile.
 * @param options.onProgress called every few seconds while installing; not called when nothing is to be done.
 * @throws when the registry cannot be reached, the disk has too little space or a native module cannot be built.
 */
export async function ensureN8n(
  options: {
    manifestFolder?: string;
    cacheDir?: string;
    onProgress?: (progress: InstallProgress) => void;
    /** Native modules that must load; by default those that n8n cannot start without. */
    nativeModules?: string[];
    /** Of npm; by default this process's. */
    environment?: Record<string, string>;
    /** Gives up when aborted. */
    signal?: AbortSignal;
  } = {},
): Promise<N8nInstall> {
  const { manifestFolder = __dirname, onProgress = () => {} } = options;
  const lockfile = readFileSync(join(manifestFolder, 'package-lock.json'), 'utf8');
  const packages = JSON.parse(lockfile).packages as LockedPackages;
  const version = packages['node_modules/n8n']!.version!;
  const names =
    options.nativeModules ?? nativeModules.filter((name) => `node_modules/${name}` in packages);
  const dir = options.cacheDir ?? installFolder(lockfile, version);
  const install = { dir, version, bin: join(dir, 'node_modules', 'n8n', 'bin', 'n8n') };
  if (existsSync(install.bin)) return install;

  const started = Date.now();
  let phase: InstallProgress['phase'] = 'waiting';
  let bytes = 0;
  const report = () =>
    onProgress({ phase, bytes, elapsedSeconds: Math.round((Date.now() - started) / 1000) });

  await withLock(
    `${dir}.lock`,
    async () => {
      if (existsSync(install.bin)) return;
      await removeLeftovers(dir);
      const workFolder = await mkdtemp(`${dir}.partial-`);
      phase = 'building';
      const timer = setInterval(report, 1000);
      // On a busy machine, reading the sizes of 100,000 files takes longer than the time between two looks.
      let isMeasuring = false;
      const measuring = setInterval(() => {
        if (isMeasuring) return;
        isMeasuring = true;
        void sizeOf(workFolder).then((size) => {
          bytes = size;
          isMeasuring = false;
        });
      }, 8000);
      try {
        report();
        await fill(workFolder, manifestFolder, {
          ...options,
          nativeModules: names,
          packages,
          onDownload: () => (phase = 'downloading'),
        });
        await rename(workFolder, dir);
        phase = 'done';
        report();
      } catch (error) {
        await rm(workFolder, { recursive: true, force: true });
        options.signal?.throwIfAborted();
        throw new Error(`n8n ${version} could not be installed. ${(error as Error).message}`, {
          cause: error,
        });
      } finally {
        clearInterval(timer);
        clearInterval(measuring);
      }
    },
    report,
  );
  return install;
}

/**
 * Scripts stay off during the install because one dependency's script fails wherever its prebuilt binary cannot
 * be downloaded; only the native modules that n8n cannot start without are built, and before anything else.
 */
async function fill(
  folder: string,
  from: string,
  options: {
    nativeModules: string[];
    packages: LockedPackages;
    onDownload: () => void;
    environment?: Record<string, string>;
    signal?: AbortSignal | undefined;
  },
) {
  const { nativeModules: names, packages, onDownload, environment, signal } = options;
  await checkSpace(folder);
  const nativeFolder = join(folder, 'native');
  const inEnvironment = environment && { environment };
  const built = await buildNativeModules({
    names,
    packages,
    folder: nativeFolder,
    signal,
    ...inEnvironment,
  });
  onDownload();
  for (const file of ['package.json', 'package-lock.json']) {
    await copyFile(join(from, file), join(folder, file));
  }
  const npmCi = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  await runNpm(npmCi, { cwd: folder, signal, ...inEnvironment });
  await copyBuilt(built, nativeFolder, folder);
  await rm(nativeFolder, { recursive: true });
  await proveNativeModules(names, folder);
}

async function checkSpace(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= neededBytes) return;
  throw new Error(
    `It needs 5 GB of disk space and ${folder} has ${((bavail * bsize) / 2 ** 30).toFixed(1)} GB. ` +
      'Set N8N_AUTOPLAY_CACHE to a folder on a bigger disk.',
  );
}

/** Removes folders of interrupted installs. This process holds the lock, so no other one uses them. */
async function removeLeftovers(dir: string) {
  const parent = join(dir, '..');
  await mkdir(parent, { recursive: true });
  const prefix = `${dir}.partial-`;
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (path.startsWith(prefix)) await rm(path, { recursive: true, force: true });
  }
}

async function sizeOf(folder: string): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)('du', ['-sk', folder]);
    return Number(stdout.split('\t')[0]) * 1024;
  } catch (error) {
    // Files come and go while npm works, and du then reports an error beside its total.
    const partial = Number(((error as { stdout?: string }).stdout ?? '').split('\t')[0]);
    return Number.isFinite(partial) ? partial * 1024 : 0;
  }
}
