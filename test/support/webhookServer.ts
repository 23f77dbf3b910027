import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IDataObject, INodeType } from 'n8n-workflow';
import { runWebhook, type WebhookOptions } from './webhookNode';

/** A node's webhook behind a real HTTP server. */
export interface WebhookServer {
  url: string;
  /** What executions were started with. */
  started: IDataObject[];
  /** Method and `method` of MCP of each request, as they arrived. */
  seen: string[];
  close(): Promise<void>;
}

/** @param options of each call; a function for ones that change */
export async function serveWebhook(
  nodeType: INodeType,
  options: () => WebhookOptions,
): Promise<WebhookServer> {
  const started: IDataObject[] = [];
  const seen: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const rawBody = await bodyOf(request);
      const url = new URL(request.url ?? '/', 'http://localhost');
      seen.push(`${request.method} ${methodIn(rawBody)}`.trim());
      const asExpress = Object.assign(response, {
        status(code: number) {
          response.statusCode = code;
          return asExpress;
        },
        send(text: string) {
          response.end(text);
          return asExpress;
        },
      });
      const { method, headers } = request;
      const query = Object.fromEntries(url.searchParams);
      const given = { method, headers, query, body: {}, rawBody };
      const result = await runWebhook(nodeType, given, asExpress, options());
      started.push(...(result.workflowData?.[0] ?? []).map(({ json }) => json));
    })().catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook/1/webhook`,
    started,
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function methodIn(body: Buffer): string {
  try {
    return String((JSON.parse(body.toString()) as { method?: unknown }).method ?? '');
  } catch {
    return '';
  }
}
