import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../core/clock';

/** A clock that a test moves by hand. */
export function manualClock(start = Date.UTC(2026, 0, 15, 12)) {
  let time = start;
  const timers = new Map<number, { at: number; task: () => void }>();
  let serial = 0;
  const clock: Clock = {
    now: () => time,
    after(ms, task) {
      const id = (serial += 1);
      timers.set(id, { at: time + ms, task });
      return () => void timers.delete(id);
    },
  };
  return {
    ...clock,
    /** How many timers are set. */
    pending: () => timers.size,
    /** Moves the time forward and runs the timers that are due, in order. */
    advance(ms: number): void {
      const end = time + ms;
      for (;;) {
        const due = [...timers]
          .filter(([, { at }]) => at <= end)
          .sort((a, b) => a[1].at - b[1].at)[0];
        if (!due) break;
        timers.delete(due[0]);
        time = Math.max(time, due[1].at);
        due[1].task();
      }
      time = end;
    },
  };
}

/** Lets sockets work until the condition holds, for at most a minute. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('The condition did not become true');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Collects a stream's text until it ends or is cut off. */
export function collect(response: Response) {
  const received = { text: '', ended: false };
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        received.text += decoder.decode(chunk, { stream: true });
      }
    } catch {
      // A cut-off stream has ended, too.
    }
    received.ended = true;
  };
  void read();
  return received;
}

/** A request that a {@link receiver} got. */
export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  raw: string;
  /** The JSON of `raw`; undefined when there is none. */
  body: any;
}

/** A server that records requests. It answers with the given statuses in turn, then 200; 0 never answers. */
export async function receiver(...statuses: number[]) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let raw = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (raw += chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      received.push({ method, path, headers, raw, body: raw === '' ? undefined : JSON.parse(raw) });
      const status = statuses.shift() ?? 200;
      if (status !== 0) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => (server.close(), server.closeAllConnections());
  return { url: `http://127.0.0.1:${port}/hook`, received, close };
}
