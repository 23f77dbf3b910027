import { spawn } from 'node:child_process';
import { childEnvironment } from './node24';

/** A failure of npm, with its output. */
export class NpmError extends Error {
  override readonly name = 'NpmError';

  constructor(
    readonly args: string[],
    readonly output: string,
  ) {
    super(`${explain(output)}\n\nnpm ${args.join(' ')} said:\n${tail(output)}`);
  }
}

const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/;
const noSpace = /ENOSPC|no space left/i;
const noBuild = /node-gyp|prebuild-install|gyp ERR/;

/** One sentence of advice for npm's output. */
export function explain(output: string): string {
  if (noSpace.test(output)) return 'The disk is full.';
  if (noBuild.test(output))
    return 'A native module could not be compiled. It needs Python 3, make and a C++ compiler with C++20.';
  if (offline.test(output))
    return 'The npm registry cannot be reached: check the network connection (and npm\'s "registry" and "proxy" settings).';
  return 'npm failed.';
}

const tail = (text: string) => text.trim().split('\n').slice(-15).join('\n');

/**
 * Runs the machine's npm under Node 24 and returns what it printed to stdout.
 * @param options.cwd the folder to run in.
 * @param options.environment npm's environment; by default this process's.
 * @param options.signal ends npm when aborted.
 * @throws {NpmError} when npm ends with anything but 0.
 */
export async function runNpm(
  args: string[],
  options: {
    cwd: string;
    signal?: AbortSignal | undefined;
    environment?: Record<string, string>;
  },
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn('npm', args, {
      cwd: options.cwd,
      env: { ...(options.environment ?? childEnvironment()), npm_config_update_notifier: 'false' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: options.signal,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.on('error', (error) => {
      const aborted = options.signal?.aborted;
      reject(aborted ? error : new Error('npm could not be started.', { cause: error }));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else
        reject(new NpmError(args, `${stderr}\n${stdout}${signal ? `\nended by ${signal}` : ''}`));
    });
  });
}
