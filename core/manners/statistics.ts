/** A share with the interval in which it most likely lies. */
export interface Estimate {
  rate: number;
  from: number;
  to: number;
}

/** The parameters of a beta distribution, both above 0. */
interface Beta {
  a: number;
  b: number;
}

/** Lanczos' approximation of the gamma function with g = 7, accurate to 15 digits. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
] as const;

/** The logarithm of the gamma function for numbers above 0. */
function lnGamma(x: number): number {
  // Below 0.5, by the reflection formula.
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  const t = x + 6.5;
  const sum = LANCZOS.reduce((total, c, i) => total + (i === 0 ? c : c / (x - 1 + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

const PRECISION = 1e-15;
const MOST_STEPS = 10_000;
/** Keeps divisors away from 0. */
const TINY = 1e-300;

/**
 * The regularised incomplete beta function: how likely a value of the distribution is at most `x`. By its continued
 * fraction (NIST, DLMF 8.17.22), evaluated with Lentz's method.
 */
export function betaCdf(x: number, { a, b }: Beta): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges quickly below the mean.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaCdf(1 - x, { a: b, b: a });
  const front = lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  const away = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MOST_STEPS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let step = 1;
    for (const numerator of [even, odd]) {
      d = 1 / away(1 + numerator * d);
      c = away(1 + numerator / c);
      step = c * d;
      fraction *= step;
    }
    if (Math.abs(step - 1) < PRECISION) break;
  }
  return (Math.exp(front) * fraction) / a;
}

/** The value below which a share `p` of the distribution lies, by bisection. */
export function betaQuantile(p: number, beta: Beta): number {
  let [low, high] = [0, 1];
  // Halving 60 times is as precise as a number is.
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (betaCdf(middle, beta) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** What is believed of a share before anything was counted: few accept what they did not ask for. */
const PRIOR: Beta = { a: 1, b: 9 };
/** What an interval leaves out at each end: it contains 90 %. */
const TAIL = 0.05;

/** The share of `of` that `count` is an example of, by the mean and the middle 90 % of what is to be believed of it. */
export function shareOf(count: number, of: number): Estimate {
  const beta = { a: PRIOR.a + count, b: PRIOR.b + of - count };
  return {
    rate: beta.a / (beta.a + beta.b),
    from: betaQuantile(TAIL, beta),
    to: betaQuantile(1 - TAIL, beta),
  };
}

/** Quantiles of the standard normal distribution. */
const Z_90_PERCENT = 1.6448536269514722;
const Z_95_PERCENT = 1.959963984540054;
const Z_80_PERCENT_POWER = 0.8416212335729143;

/** So many of a group of so many. */
export interface Proportion {
  count: number;
  of: number;
}

/**
 * How much greater the share of the first group is than that of the second, with its 90 % interval: Newcombe's hybrid
 * score interval (Statistics in Medicine 17, 1998, method 10), which holds for shares near 0 and small groups, too.
 *
 * @param z the normal quantile of another interval
 */
export function differenceOf(one: Proportion, other: Proportion, z = Z_90_PERCENT): Estimate {
  const [a, b] = [wilson(one, z), wilson(other, z)];
  const rate = a.rate - b.rate;
  return {
    rate,
    from: rate - Math.hypot(a.rate - a.from, b.to - b.rate),
    to: rate + Math.hypot(a.to - a.rate, b.rate - b.from),
  };
}

/** Wilson's score interval of a share. */
function wilson({ count, of }: Proportion, z: number): Estimate {
  if (of === 0) return { rate: 0, from: 0, to: 1 };
  const rate = count / of;
  const centre = rate + z ** 2 / (2 * of);
  const half = z * Math.sqrt((rate * (1 - rate)) / of + (z / (2 * of)) ** 2);
  const whole = 1 + z ** 2 / of;
  return { rate, from: (centre - half) / whole, to: (centre + half) / whole };
}

/** An effect that is worth knowing: a share that rises from 5 to 7 %. */
const WORTH_KNOWING = { base: 0.05, raised: 0.07 };

/**
 * Whether groups of these sizes are large enough to show such an effect: it would be found, at 95 % confidence, in 80 %
 * of all experiments of this size.
 */
export function canShowEffect(treated: number, holdout: number): boolean {
  if (treated === 0 || holdout === 0) return false;
  const { base, raised } = WORTH_KNOWING;
  const variance = (raised * (1 - raised)) / treated + (base * (1 - base)) / holdout;
  return (Z_95_PERCENT + Z_80_PERCENT_POWER) * Math.sqrt(variance) <= raised - base;
}
