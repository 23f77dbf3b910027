import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Whether another process listens on `port` of `host`. */
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

// Below the ports that Linux and macOS use for outgoing connections.
const FIRST_PORT = 15_000;
const PORTS = 15_000;
const TRIES = 100;

/**
 * A port of the loopback interface without a listener. No other caller, in this process or another, gets the same
 * port while this process runs, because a server needs time until it listens.
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
 * Reserves the port for this process; false when another has it. The UDP port of the same number marks the
 * reservation: no server here uses it, and the operating system releases it when the process ends.
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
