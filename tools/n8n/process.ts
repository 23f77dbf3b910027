import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { n8nEnvironment } from './environment';
import type { N8nInstall } from './install';
import { collectLines } from './logLines';
import { node24 } from './node24';
import { freePort, isTaken, portTakenMessage } from './ports';

/** How an n8n process ended. */
export interface N8nExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running n8n. */
export interface RunningN8n {
  /** Where the editor, the API and the webhooks answer; no slash at the end. */
  url: string;
  port: number;
  pid: number;
  /** Asks n8n to stop (its triggers are closed, running executions may finish) and waits until it did. */
  stop(): Promise<N8nExit>;
  /** Ends n8n at once, as a crash would. */
  kill(): Promise<N8nExit>;
  exited: Promise<N8nExit>;
  /** The last lines n8n wrote. */
  logTail(): string;
}

/** What `startN8n` needs to know. */
export interface StartOptions {
  n8n: N8nInstall;
  /**
   * Default `start`, the main process. In queue mode, a worker answers only health checks on its port, and a process for
   * webhooks also those of published workflows.
   */
  command?: 'start' | 'worker' | 'webhook';
  userFolder: string;
  port: number;
  host?: string;
  /** Variables for n8n on top of the quiet defaults; they win. */
  env?: Record<string, string>;
  /** Gets every line n8n writes. */
  onLog?: (line: string) => void;
  /** Gives up starting when aborted; once n8n runs, `stop` ends it. */
  signal?: AbortSignal;
}

// Limits for an n8n that never gets ready or never ends; long, because a busy machine takes its time.
const startTimeoutMs = 300_000;
const stopTimeoutMs = 60_000;

/**
 * Starts n8n with Node 24 and waits until it answers. It stops when this process stops, even when this process is
 * killed.
 * @throws when the port is taken, or n8n ends or stays silent instead of getting ready; the error ends with its log.
 */
export async function startN8n(options: StartOptions): Promise<RunningN8n> {
  const { n8n, userFolder, port, host = '127.0.0.1', onLog = () => {} } = options;
  const { command = 'start', env = {} } = options;
  if (await isTaken(port, host)) throw new Error(portTakenMessage('n8n', port, 'N8N_PORT'));
  mkdirSync(userFolder, { recursive: true });
  const child = spawn(node24(), ['--require', join(__dirname, 'guard.cjs'), n8n.bin, command], {
    cwd: userFolder,
    // Its own process group, so that Ctrl-C in the terminal does not reach it and a kill includes its task runner.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: {
      ...n8nEnvironment(n8n, userFolder, env),
      [command === 'worker' ? 'QUEUE_HEALTH_CHECK_PORT' : 'N8N_PORT']: String(port),
      N8N_LISTEN_ADDRESS: host,
      N8N_RUNNERS_BROKER_PORT: String(await freePort()),
      N8N_AUTOPLAY_GUARD_FD: '3',
    },
  });
  const lines = collectLines(onLog);
  child.stdout!.on('data', lines.add);
  child.stderr!.on('data', lines.add);

  let ended: N8nExit | undefined;
  const exited = new Promise<N8nExit>((resolve) => {
    child.once('error', (error) => {
      lines.add(`${error.message}\n`);
      resolve((ended = { code: null, signal: null }));
    });
    child.once('exit', (code, signal) => {
      signalGroup(child.pid, 'SIGKILL');
      resolve((ended = { code, signal }));
    });
  });
  const end = async (first: NodeJS.Signals) => {
    if (!ended) {
      if (first === 'SIGTERM') child.kill('SIGTERM');
      else signalGroup(child.pid, 'SIGKILL');
      const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), stopTimeoutMs);
      await exited;
      clearTimeout(timer);
    }
    return await exited;
  };

  const url = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;
  const deadline = Date.now() + startTimeoutMs;
  // An older main process reports that it is ready before its API answers.
  const signs = ['/healthz/readiness', ...(command === 'start' ? ['/rest/settings'] : [])];
  while (!ended && !(await answers(url, signs))) {
    if (options.signal?.aborted) {
      await end('SIGTERM');
      options.signal.throwIfAborted();
    }
    if (Date.now() > deadline) {
      await end('SIGKILL');
      throw new Error(
        `n8n was not ready after ${startTimeoutMs / 1000} s. Its log:\n${lines.tail()}`,
      );
    }
    await sleep(100);
  }
  if (ended) {
    const { code, signal } = ended;
    throw new Error(
      `n8n ended while starting (${signal ?? `exit code ${code}`}). Its log:\n${lines.tail()}`,
    );
  }
  return {
    url,
    port,
    pid: child.pid!,
    exited,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    logTail: lines.tail,
  };
}

/** Signals a process and all its children; no error when they have ended already. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals) {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // All have ended.
  }
}

/** Whether all these paths are answered with success. */
async function answers(url: string, paths: string[]): Promise<boolean> {
  try {
    for (const path of paths) {
      const signal = AbortSignal.timeout(10_000);
      if (!(await fetch(`${url}${path}`, { signal, headers: { connection: 'close' } })).ok)
        return false;
    }
    return true;
  } catch {
    return false;
  }
}
