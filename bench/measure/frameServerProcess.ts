import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { createLoad } from '../../simulators/connector/load';
import { SESSIONS } from './frameServer';
import { createPosthogLoad } from './posthogLoad';

/** About as much as a socket accepts at once. */
const BLOCK_BYTES = 256 * 1024;

const made = new Map<string, Buffer[]>();

/** Made once and sent often, so that the reader never waits for frames to be made. */
function blocksOf(key: string, frames: number, load: () => { next(): string }): Buffer[] {
  const known = made.get(key);
  if (known) return known;
  const { next } = load();
  const blocks: Buffer[] = [];
  let block = '';
  for (let i = 0; i < frames; i += 1) {
    block += next();
    if (block.length < BLOCK_BYTES && i < frames - 1) continue;
    blocks.push(Buffer.from(block));
    block = '';
  }
  made.set(key, blocks);
  return blocks;
}

/** Sent as fast as the reader reads; then the connection stays open, as a connector's does. */
function send(response: ServerResponse, blocks: readonly Buffer[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  Readable.from(blocks).pipe(response, { end: false });
}

const server = createServer((request, response) => {
  const { pathname, search, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname.startsWith('/api/projects/')) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: 7, name: 'Shop', live_events_token: 'any' }));
    return;
  }
  const [, posthog] = /^\/posthog\/(\d+)\/events$/.exec(pathname) ?? [];
  if (posthog !== undefined) {
    const load = () => createPosthogLoad({ sessions: SESSIONS, query: searchParams });
    return send(response, blocksOf(pathname + search, Number(posthog), load));
  }
  const actionsPerFrame = Number(searchParams.get('actions'));
  const load = () => createLoad({ productId: 'shop', sessions: SESSIONS, actionsPerFrame });
  send(response, blocksOf(pathname + search, Number(searchParams.get('frames')), load));
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
// The process that started this one has ended.
process.on('disconnect', () => process.exit(0));
