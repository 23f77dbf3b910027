import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface Recorded {
  method: string;
  /** With its query. */
  path: string;
  body: unknown;
}

/** A server that records requests and answers each with what `answer` gives, for clients to be compared with each other. */
export async function startRecorder(answer: (request: Recorded) => unknown) {
  const requests: Recorded[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { method = '', url: path = '' } = incoming;
      const request = {
        method,
        path,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      };
      requests.push(request);
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(answer(request)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The requests since the last call. */
    taken: () => requests.splice(0),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
