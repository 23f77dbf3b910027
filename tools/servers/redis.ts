import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../n8n/ports';
import { startServer } from './child';
import { findProgram, type NeededProgram } from './program';

/** A Redis for tests, which keeps nothing. */
export interface TestRedis {
  host: string;
  port: number;
  /** Of the server's parent process. */
  pid: number;
  stop(): Promise<void>;
}

/**
 * Starts the machine's `redis-server` on a free port, and installs it first if needed. It stops when this process
 * stops, even when this process is killed.
 * @throws when it is missing and cannot be installed, with what to install
 */
export async function startRedis(): Promise<TestRedis> {
  const command = await findProgram(REDIS_SERVER);
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
      pid: server.pid,
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

const REDIS_SERVER: NeededProgram = {
  names: ['redis-server'],
  debianPackage: 'redis-server',
  advice:
    'Tests of queue mode need a Redis: install it (Debian and Ubuntu: sudo apt-get install redis-server; macOS: brew install redis), so that "redis-server" is found on the PATH.',
};
