import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A server that runs until it is stopped. */
export interface ServerProcess {
  /** Of the shell that the server is a child of. */
  pid: number;
  /** Asks it to stop and waits until it did. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  name: string;
  command: string;
  args: string[];
  cwd: string;
  /** Matches its output when it is ready. */
  ready: RegExp;
  /** Gets every line it writes. */
  onLine?: (line: string) => void;
  /** The user it runs as. */
  as?: { uid: number; gid: number } | undefined;
}

// The shell waits for the program, and for the end of a pipe whose other end this process holds. The pipe ends
// when this process closes it or ends, even when it is killed. SIGINT makes PostgreSQL and Redis stop at once.
const GUARDED = '"$@" & pid=$!; (read _ <&3; kill -INT $pid) 2>/dev/null & wait $pid';

/**
 * Starts a server and waits until it is ready. It stops when this process stops, even when this process is killed.
 * @throws with its output when it ends instead
 */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { name, command, args, cwd, ready, as, onLine = () => {} } = options;
  const child = spawn('sh', ['-c', GUARDED, 'sh', command, ...args], {
    cwd,
    // Its own process group, so that Ctrl-C in the terminal does not reach it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    ...as,
  });
  let said = '';
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  await new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      said = (said + String(chunk)).slice(-4_000);
      if (ready.test(said)) resolve();
    };
    for (const output of [child.stdout!, child.stderr!]) {
      output.on('data', listen);
      createInterface(output).on('line', onLine);
    }
    void ended.then(() => reject(new Error(`${name} ended instead of getting ready:\n${said}`)));
  });
  const pipe = child.stdio[3]!;
  pipe.on('error', () => {});
  // The server does not keep this process from ending.
  child.unref();
  for (const stream of child.stdio) (stream as { unref?: () => void } | null)?.unref?.();
  return {
    pid: child.pid!,
    async stop() {
      child.ref();
      pipe.destroy();
      await ended;
    },
  };
}
