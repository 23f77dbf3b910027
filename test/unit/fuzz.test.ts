import { fuzz } from '../fuzz/run';
import { must } from '../fuzz/target';
import { targets } from '../fuzz/targets';
import fc from 'fast-check';

/** Enough for a busy machine. */
const SECONDS = 600;

// A small share of `npm run fuzz`, each time with other cases; a failure names its seed.
it.each(targets)('$name', async (target) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const options = { cases: 150, seconds: SECONDS, seed, now: () => performance.now() };
  const { failures, cases } = await fuzz([target], options);
  expect(failures).toEqual([]);
  expect(cases).toBe(150);
});

describe('a fuzzing run', () => {
  const good = { name: 'good', share: 1, property: fc.property(fc.nat(), () => {}) };
  const bad = {
    name: 'bad',
    share: 3,
    property: fc.property(fc.nat(), (n) => must(n < 50, 'too much', n)),
  };
  const options = { cases: 40_000, seconds: 60, seed: 7, now: () => 0 };

  it('runs each target as often as asked, and reports the seed that repeats a failure', async () => {
    const { cases, failures } = await fuzz([good, bad], options);
    expect(cases).toBeGreaterThanOrEqual(10_000);
    expect(failures).toMatchObject([
      { target: 'bad', report: expect.stringContaining('too much: 50') },
    ]);
    const again = await fuzz([bad], { ...options, seed: failures[0]!.seed, cases: 1_000 });
    expect(again.failures).toEqual(failures);
  });
});
