import type { ServerResponse } from 'node:http';

export interface Live {
  /** Keeps a response open and sends it every event from now on. */
  add(response: ServerResponse): void;
  send(event: string, data: unknown): void;
}

/** Server-sent events to every open page. A page that falls behind reconnects and loads afresh. */
export function createLive(): Live {
  const pages = new Set<ServerResponse>();
  const BEHIND = 1024 * 1024;
  return {
    add(response) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write('retry: 1000\n\n');
      pages.add(response);
      response.on('close', () => pages.delete(response));
    },
    send(event, data) {
      const bytes = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
      for (const page of pages) {
        if (page.writableLength > BEHIND) page.destroy();
        else page.write(bytes);
      }
    },
  };
}
