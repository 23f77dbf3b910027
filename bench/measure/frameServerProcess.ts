import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { createLoad } from '../../simulators/connector/load';
import { SESSIONS } from './frameServer';

/** About as much as a socket accepts at once. */
const BLOCK_BYTES = 256 * 1024;

const made = new Map<string, Buffer[]>();

/** Made once and sent often, so that the reader never waits for frames to be made. */
function blocksOf(frames: number, actionsPerFrame: number): Buffer[] {
  const key = `${frames} ${actionsPerFrame}`;
  const known = made.get(key);
  if (known) return known;
  const load = createLoad({ productId: 'shop', sessions: SESSIONS, actionsPerFrame });
  const blocks: Buffer[] = [];
  let block = '';
  for (let i = 0; i < frames; i += 1) {
    block += load.next();
    if (block.length < BLOCK_BYTES && i < frames - 1) continue;
    blocks.push(Buffer.from(block));
    block = '';
  }
  made.set(key, blocks);
  return blocks;
}

const server = createServer((request, response) => {
  const asked = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const blocks = blocksOf(Number(asked.get('frames')), Number(asked.get('actions')));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  // Sent as fast as the reader reads; then the connection stays open, as a connector's does.
  Readable.from(blocks).pipe(response, { end: false });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
// The process that started this one has ended.
process.on('disconnect', () => process.exit(0));
