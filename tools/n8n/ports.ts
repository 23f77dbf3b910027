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

/** A port nobody listens on just now, chosen by the operating system. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** What to tell the user when `port` is taken. */
export function portTakenMessage(what: string, port: number, variable: string): string {
  const other = port + 1000 < 65_536 ? port + 1000 : port - 1000;
  return `Port ${port}, which ${what} needs, is taken by another program. Stop that program, or choose another port: ${variable}=${other} npm start`;
}
