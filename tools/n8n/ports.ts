import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Whether somebody else already listens on `port` of `host`. */
export async function isTaken(port: number, host: string): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(true);
      else reject(error);
    });
    server.listen(port, host, () => server.close(() => resolve(false)));
  });
}

// Below those that Linux and macOS give to outgoing connections by themselves, which could take one at any time.
const FIRST_PORT = 15_000;
const PORTS = 15_000;
const TRIES = 100;

/**
 * A port of the loopback interface that nobody listens on and that nobody else is given as long as this process
 * lives: whoever starts a server takes a while until it listens, and others look for ports meanwhile.
 * @param random from 0 to below 1.
 * @throws when there is none to be found.
 */
export async function freePort(random: () => number = Math.random): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    const port = FIRST_PORT + Math.floor(random() * PORTS);
    if ((await reserve(port)) && !(await isTaken(port, '127.0.0.1'))) return port;
  }
  throw new Error(`No port between ${FIRST_PORT} and ${FIRST_PORT + PORTS} is free.`);
}

/**
 * Whether this process may have the port. The sign is the UDP port of the same number, which is of no use to any
 * server here: the operating system gives it to one process only, and takes it back however that process ends.
 */
async function reserve(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const sign = createSocket('udp4');
    sign.once('error', () => sign.close(() => resolve(false)));
    sign.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      sign.unref();
      resolve(true);
    });
  });
}

/** What to tell the user when `port` is taken; the command is the one they gave. */
export function portTakenMessage(
  what: string,
  port: number,
  variable: string,
  command = process.env.npm_lifecycle_event === 'dev' ? 'npm run dev' : 'npm start',
): string {
  const other = port + 1000 < 65_536 ? port + 1000 : port - 1000;
  return `Port ${port}, which ${what} needs, is taken by another program. Stop that program, or choose another port: ${variable}=${other} ${command}`;
}
