import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from '../n8n/lock';

/** A program that tests need and npm does not bring. */
export interface NeededProgram {
  /** Its names on different systems, e.g. `redis-server`; the first that is found is used. */
  names: readonly string[];
  /** The package of Debian and Ubuntu that it comes with. */
  debianPackage: string;
  /** The error text when it cannot be installed: what needs it, and how to get it. */
  advice: string;
}

/**
 * Where a program is. On Debian and Ubuntu, root gets it installed first.
 * @throws with the advice when it is missing and cannot be installed
 */
export async function findProgram(needed: NeededProgram): Promise<string> {
  const find = () => needed.names.map(onPath).find((path) => path !== undefined);
  const known = find();
  if (known) return known;
  const aptGet = onPath('apt-get');
  if (aptGet && process.getuid?.() === 0) {
    // Two test runs may find something missing at the same time, and apt-get runs only once.
    await withLock(join(tmpdir(), 'autoplay-apt-get.lock'), async () => {
      if (!find()) await install(aptGet, needed.debianPackage);
    });
  }
  const installed = find();
  if (installed) return installed;
  throw new Error(needed.advice);
}

async function install(aptGet: string, name: string): Promise<void> {
  // The runlevel keeps Debian from starting a service that was just installed.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const run = async (...args: string[]) =>
    await promisify(execFile)(aptGet, ['-q', '-y', ...args], { env, maxBuffer: 2 ** 24 });
  await run('update');
  await run('install', '--no-install-recommends', name);
}

function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
