import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a simulator can be reached. */
export interface Address {
  /** Origin without a trailing slash, such as `http://127.0.0.1:4102`. */
  url: string;
  port: number;
}

export interface Place {
  /** What the port is for, as a person would say it. */
  service: string;
  /** The environment variable that chooses the port. */
  variable: string;
  host: string;
  /** 0 takes any free port. */
  port: number;
}

/**
 * Binds a server.
 *
 * @throws Error naming the service, the port and the environment variable to set, when the port is
 *   taken or not permitted; with the system's own error as `cause`
 */
export function listenOn(
  server: Server,
  { service, variable, host, port }: Place,
): Promise<Address> {
  return new Promise((resolve, reject) => {
    const refused = (cause: NodeJS.ErrnoException): void => {
      const reason =
        cause.code === 'EADDRINUSE'
          ? 'is already in use'
          : `could not be opened (${cause.code ?? cause.message})`;
      const advice = `Set ${variable} to a free port.`;
      reject(new Error(`${service}: port ${port} on ${host} ${reason}. ${advice}`, { cause }));
    };
    server.once('error', refused);
    server.listen(port, host, () => {
      server.off('error', refused);
      const bound = (server.address() as AddressInfo).port;
      resolve({ url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, port: bound });
    });
  });
}

/** Stops listening and cuts every open connection; resolves at once when the server never listened. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
