import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ask, type AskParts } from '../../core/agents/ask';
import { systemClock } from '../../core/clock';
import { parts } from './agents';

/** What a context server answers to agents, at an address of its own, as the node's webhook does. */
export async function serveAgents(fields: Partial<AskParts>) {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method = '', headers } = request;
      const question = { method, headers, query: {}, rawBody: Buffer.concat(chunks) };
      const asked = await ask(question, parts({ clock: systemClock, ...fields }));
      response.writeHead(asked.response.status, asked.response.headers);
      response.end(asked.response.body);
    })().catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook/context`,
    close: () => (server.close(), server.closeAllConnections()),
  };
}
