import { createFrameReader } from '../../../core/stream/frames';
import type { SessionBatch } from '../../../core/payload/types';
import { createFakeClock } from '../../support/fakeClock';

function setUp() {
  const batches: SessionBatch[] = [];
  const firsts: string[] = [];
  const reader = createFrameReader({
    productId: 'shop',
    clock: createFakeClock(5_000),
    onBatch: (batch) => batches.push(batch),
    onFirstSkip: (reason) => firsts.push(reason),
  });
  return { reader, batches, firsts };
}

it('a frame reader passes on the batches of good frames and counts bad ones by reason', () => {
  const { reader, batches, firsts } = setUp();
  const good = '{"type":"actions","session_id":"s","actions":[null,{"title":"A"}]}';
  for (const text of ['null', good, '{', '[]', good]) reader.read(text);
  expect(batches.map(({ actions }) => actions.map(({ title }) => title))).toEqual([['A'], ['A']]);
  expect(reader.skipped()).toEqual({ not_an_object: 2, bad_action: 2, broken_json: 1 });
  expect(firsts).toEqual(['not_an_object', 'bad_action', 'broken_json']);
});

it('a frame reader fills in the product of the URL and the time of arrival, in seconds', () => {
  const { reader, batches } = setUp();
  reader.read('{"type":"actions","session_id":"s","actions":[{"title":"A"}]}');
  expect(batches[0]).toMatchObject({ product_id: 'shop', forwarded_at: 5 });
});
