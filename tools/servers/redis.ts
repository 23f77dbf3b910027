import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from '../n8n/lock';
import { freePort } from '../n8n/ports';
import { startServer } from './child';

/** A Redis of our own, which keeps nothing. */
export interface TestRedis {
  host: string;
  port: number;
  stop(): Promise<void>;
}

/**
 * Starts the machine's `redis-server` on a free port; where there is none, it is installed first. It stops when
 * this process stops, even when this process is killed.
 * @throws when it is missing and cannot be installed, with what to install
 */
export async function startRedis(): Promise<TestRedis> {
  const command = await redisServer();
  const folder = await mkdtemp(join(tmpdir(), 'autoplay-redis-'));
  const port = await freePort();
  const inMemory = ['--save', '', '--appendonly', 'no', '--dir', folder];
  try {
    const server = await startServer({
      name: 'Redis',
      command,
      args: ['--bind', '127.0.0.1', '--port', String(port), ...inMemory],
      cwd: folder,
      ready: /Ready to accept connections/i,
    });
    return {
      host: '127.0.0.1',
      port,
      async stop() {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function redisServer(): Promise<string> {
  const known = onPath('redis-server');
  if (known) return known;
  const debian = onPath('apt-get');
  if (debian && process.getuid?.() === 0) {
    // Two test runs may find it missing at the same time.
    await withLock(join(tmpdir(), 'autoplay-redis-install.lock'), async () => {
      if (!onPath('redis-server')) await install(debian);
    });
  }
  const installed = onPath('redis-server');
  if (installed) return installed;
  throw new Error(
    'Tests of queue mode need a Redis: install it (Debian and Ubuntu: sudo apt-get install redis-server; macOS: brew install redis), so that "redis-server" is found on the PATH.',
  );
}

async function install(aptGet: string): Promise<void> {
  // The runlevel keeps Debian from starting a Redis of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const run = async (...args: string[]) =>
    await promisify(execFile)(aptGet, ['-q', '-y', ...args], { env, maxBuffer: 2 ** 24 });
  await run('update');
  await run('install', '--no-install-recommends', 'redis-server');
}

function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
