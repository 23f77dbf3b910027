import { backoff, pauseAfter } from '../../core/backoff';

it('pauses double with each failure up to the longest, however many failures there are', () => {
  const pause = backoff({ first: 250, longest: 1_500 });
  expect([0, 1, 2, 3, 4, 5_000].map(pause)).toEqual([250, 250, 500, 1_000, 1_500, 1_500]);
});

it('jitter changes a pause by a factor from its range', () => {
  const pause = backoff({ first: 100, longest: 1_000, jitter: [0.5, 1] });
  expect([0, 0.5, 1].map((chance) => pause(1, () => chance))).toEqual([50, 75, 100]);
  expect(pause(20, () => 0)).toBe(500);
});

it('claimed work that was given up rests for 2 s, doubling to 5 min', () => {
  expect([0, 1, 2, 7, 8, 1_000].map(pauseAfter)).toEqual([
    2_000, 4_000, 8_000, 256_000, 300_000, 300_000,
  ]);
});
