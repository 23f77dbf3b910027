import {
  betaCdf,
  betaQuantile,
  canShowEffect,
  differenceOf,
  shareOf,
} from '../../../core/manners/statistics';

/** The probability of exactly `k` successes in `n` trials. */
function binomial(k: number, n: number, p: number): number {
  let choose = 1;
  for (let i = 1; i <= k; i += 1) choose *= (n - k + i) / i;
  return choose * p ** k * (1 - p) ** (n - k);
}

it.each([
  // Student's t at 10 degrees of freedom and F at 5 and 10, from printed tables.
  [10 / (10 + 2.228139 ** 2), 5, 0.5, 0.05],
  [10 / (10 + 3.169273 ** 2), 5, 0.5, 0.01],
  [10 / (10 + 5 * 3.325835), 5, 2.5, 0.05],
  [0.5, 2, 3, 0.6875],
  [0.25, 0.5, 0.5, 1 / 3],
])('the beta distribution up to %d with %d and %d is %d', (x, a, b, p) => {
  expect(betaCdf(x, { a, b })).toBeCloseTo(p, 6);
});

it.each([
  [3, 10, 0.2],
  [1, 30, 0.05],
  [12, 40, 0.35],
  [200, 1_000, 0.19],
])('at least %i of %i with a chance of %d is as likely as its sum of binomials', (k, n, p) => {
  let sum = 0;
  for (let i = k; i <= n; i += 1) sum += binomial(i, n, p);
  expect(betaCdf(p, { a: k, b: n - k + 1 })).toBeCloseTo(sum, 10);
});

it.each([
  // Of Beta(1, 9) by its closed form, of Beta(2, 3) by R's qbeta.
  [0.05, 1, 9, 1 - 0.95 ** (1 / 9)],
  [0.95, 1, 9, 1 - 0.05 ** (1 / 9)],
  [0.95, 2, 3, 0.7513953742],
  [0.05, 2, 3, 0.0976114631],
  [0.5, 700, 700, 0.5],
])('the quantile %d of Beta(%d, %d) is %d', (p, a, b, x) => {
  expect(betaQuantile(p, { a, b })).toBeCloseTo(x, 8);
});

it('a share of nothing is what was believed before, and a share of much is what was counted', () => {
  expect(shareOf(0, 0).rate).toBeCloseTo(0.1);
  const { rate, from, to } = shareOf(2_000, 10_000);
  expect(rate).toBeCloseTo(0.2, 3);
  expect(from).toBeGreaterThan(0.19);
  expect(to).toBeLessThan(0.21);
});

it.each([
  // The eight examples of Newcombe's paper that need no other method, with 95 % intervals.
  [56, 70, 48, 80, 0.2, 0.0524, 0.3339],
  [9, 10, 3, 10, 0.6, 0.1705, 0.809],
  [6, 7, 2, 7, 0.5714, 0.0582, 0.8062],
  [5, 56, 0, 29, 0.0893, -0.0381, 0.1926],
  [0, 10, 0, 20, 0, -0.1611, 0.2775],
  [0, 10, 0, 10, 0, -0.2775, 0.2775],
  [10, 10, 0, 20, 1, 0.6791, 1],
  [10, 10, 0, 10, 1, 0.6075, 1],
])('%i of %i against %i of %i differ by %d, from %d to %d', (count, of, other, ofOther, ...all) => {
  const [rate, from, to] = all;
  const difference = differenceOf({ count, of }, { count: other, of: ofOther }, 1.959964);
  expect(difference.rate).toBeCloseTo(rate, 4);
  expect(difference.from).toBeCloseTo(from, 4);
  expect(difference.to).toBeCloseTo(to, 4);
});

it('two points at a base of 5 % can be shown by about 11,000 persons with a holdout of 10 %, and by 4,400 with half', () => {
  const fewest = (holdout: number) => {
    let persons = 1;
    while (!canShowEffect(persons * (1 - holdout), persons * holdout)) persons += 1;
    return persons;
  };
  expect(fewest(0.1)).toBe(10_740);
  expect(fewest(0.5)).toBe(4_419);
  expect(canShowEffect(1e9, 0)).toBe(false);
  expect(canShowEffect(0, 1e9)).toBe(false);
});
