import fc from 'fast-check';
import { createFrameReader } from '../../../core/stream/frames';
import { followConnection } from '../../../core/stream/follow';
import { hostileText } from '../arbitraries';
import { mutated } from '../mutate';
import { must, type Target } from '../target';

/** No time passes: a connection here ends because its bytes do. */
const clock = { now: () => 0, after: () => () => {} };

/** What comes out of a connection that brings these bytes in these pieces. */
async function receive(bytes: Buffer, pieces: readonly number[]): Promise<string[]> {
  const said: string[] = [];
  const reader = createFrameReader({
    productId: 'shop',
    clock,
    onBatch: ({ actions }) => said.push(...actions.map(({ title }) => title)),
  });
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let at = 0;
      for (const piece of pieces) {
        controller.enqueue(bytes.subarray(at, at + piece));
        at += piece;
      }
      controller.enqueue(bytes.subarray(at));
      controller.close();
    },
  });
  const headers = { 'content-type': 'text/event-stream' };
  const ending = await followConnection({
    url: 'http://connector.example/stream/shop',
    token: '',
    fetch: async () => new Response(body, { headers }),
    clock,
    watchdogMs: 90_000,
    signal: new AbortController().signal,
    onOpen() {},
    onBytes() {},
    onFrame: reader.read,
  });
  must(ending.kind === 'outage', 'the stream was refused', ending);
  return said;
}

const frameOf = (title: string) =>
  `data: ${JSON.stringify({ type: 'actions', session_id: 's', actions: [{ title }] })}\n\n`;

const rubbish = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  mutated(fc.constant(frameOf('damaged'))),
  hostileText.map((text) => Buffer.from(text)),
  fc
    .constantFrom('event: error\ndata: x', 'retry: 0', 'id: \0', ':', 'data', 'data: [')
    .map((text) => Buffer.from(text)),
);

const between: Target = {
  name: 'stream: good frames get through, whatever bytes are between them',
  share: 2,
  property: fc.asyncProperty(
    fc.array(rubbish, { minLength: 1, maxLength: 4 }),
    fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }),
    async (all, pieces) => {
      const parts = all.flatMap((bytes, i) => [bytes, Buffer.from(`\n\n${frameOf(`good ${i}`)}`)]);
      const said = await receive(Buffer.concat(parts), pieces);
      const good = said.filter((title) => title.startsWith('good '));
      must(good.join() === all.map((_, i) => `good ${i}`).join(), 'a frame is missing', said);
    },
  ),
};

export const streamTargets: Target[] = [between];
