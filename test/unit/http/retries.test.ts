import { readRetryAfter, retryPause } from '../../../core/http/retries';

const NOW = Date.UTC(2024, 0, 15, 12, 0, 0);

it.each([
  ['7', 7_000],
  ['Mon, 15 Jan 2024 12:01:00 GMT', 60_000],
  ['Mon, 15 Jan 2024 11:00:00 GMT', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('Retry-After: %j asks for %j ms', (value, expected) => {
  expect(readRetryAfter(value, NOW)).toBe(expected);
});

it('the pauses between the attempts of a call double from 300 ms and vary by up to a half', () => {
  expect([1, 2, 3].map((attempts) => retryPause(attempts, () => 0.5))).toEqual([300, 600, 1_200]);
  expect(retryPause(1, () => 0)).toBe(150);
  expect(retryPause(1, () => 0.999)).toBeLessThan(450);
});
