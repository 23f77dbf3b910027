import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { DAY_MS, range, testMemory } from '../../support/memory';

// What a webhook took in, until its trigger works on it.

let clock: FakeClock;
let memory: SessionMemory;

beforeEach(async () => {
  clock = createFakeClock();
  memory = await testMemory(clock);
});
afterEach(() => memory.close());

const entry = (key: string, body = key) => ({ key, body });

it('gives entries of one inbox in the order of their arrival, once they are old enough', async () => {
  await memory.keepIncoming('one', [entry('b')]);
  await clock.advance(600);
  await memory.keepIncoming('one', [entry('a')]);
  await memory.keepIncoming('two', [entry('c')]);
  await clock.advance(400);
  expect(await memory.incoming('one', 1_000, 9)).toEqual([entry('b')]);
  await clock.advance(600);
  expect(await memory.incoming('one', 1_000, 9)).toEqual([entry('b'), entry('a')]);
  expect(await memory.incoming('one', 1_000, 1)).toEqual([entry('b')]);
  await memory.dropIncoming('one', ['b']);
  expect(await memory.incoming('one', 0, 9)).toEqual([entry('a')]);
  expect(await memory.incoming('two', 0, 9)).toEqual([entry('c')]);
});

it('keeps each key once, as it came first', async () => {
  await memory.keepIncoming('three', [entry('a', 'first')]);
  await memory.keepIncoming('three', [entry('a', 'again'), entry('b')]);
  expect(await memory.incoming('three', 0, 9)).toEqual([entry('a', 'first'), entry('b')]);
});

it('erases after a day what no trigger has worked on', async () => {
  const many = range(1_500).map((i) => entry(String(i)));
  await memory.keepIncoming('four', many);
  await clock.advance(DAY_MS);
  await memory.keepIncoming('four', [entry('new')]);
  await clock.advance(1);
  const expiring = memory.expire();
  // It rests between two pieces, so that other calls get a turn.
  while (clock.timers() === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(0);
  await expiring;
  expect(await memory.incoming('four', 0, 9_999)).toEqual([entry('new')]);
});
