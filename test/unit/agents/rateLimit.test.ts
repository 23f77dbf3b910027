import { createRateLimit } from '../../../core/agents/rateLimit';

it('lets each asker ask a minute’s questions at once, then as time passes', () => {
  let now = 0;
  const limit = createRateLimit({ now: () => now });
  const ask = (asker = 'a') => limit.take(asker, 3);
  expect([ask(), ask(), ask(), ask(), ask('b')]).toEqual([0, 0, 0, 20, 0]);
  now = 19_999;
  expect(ask()).toBe(1);
  now = 20_000;
  expect([ask(), ask()]).toEqual([0, 20]);
  now = 10_000;
  expect(ask()).toBe(20);
  now = 10_000_000;
  expect([ask(), ask(), ask(), ask()]).toEqual([0, 0, 0, 20]);
});

it('what is refused does not put off the next question', () => {
  let now = 0;
  const limit = createRateLimit({ now: () => now });
  for (let i = 0; i < 100; i++) limit.take('a', 1);
  now = 60_000;
  expect(limit.take('a', 1)).toBe(0);
});
