/** Where values stand along an axis, and which of them are written beside it. */
export interface Scale {
  /** From 0, the axis' beginning, to 1, its end. */
  place(value: number): number;
  ticks: number[];
}

/** What spans more than this is drawn in decades, or all but the largest would lie on one line. */
const DECADES_FROM = 50;
const MOST_TICKS = 7;

/** An axis on which all values have room; it begins at 0, unless they span decades. */
export function scaleFor(values: readonly number[]): Scale {
  const max = Math.max(...values);
  const min = Math.min(...values);
  return min > 0 && max / min >= DECADES_FROM ? logarithmic(min, max) : linear(min, max);
}

function linear(min: number, max: number): Scale {
  const from = Math.min(0, min);
  const step = niceStep((Math.max(max, 0) - from || 1) / (MOST_TICKS - 2));
  const first = Math.floor(from / step);
  const last = Math.max(first + 1, Math.ceil(max / step));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => round((first + i) * step));
  const [start = 0, end = 1] = [first * step, last * step];
  return { ticks, place: (value) => (value - start) / (end - start) };
}

function logarithmic(min: number, max: number): Scale {
  const first = Math.floor(Math.log10(min));
  const last = Math.ceil(Math.log10(max));
  const decades = Array.from({ length: last - first + 1 }, (_, i) => round(10 ** (first + i)));
  const every = Math.ceil(decades.length / MOST_TICKS);
  return {
    ticks: decades.filter((_, i) => i % every === 0),
    place: (value) => (Math.log10(value) - first) / (last - first),
  };
}

/** The next of 1, 2, 5, 10, 20, … */
function niceStep(atLeast: number): number {
  const decade = 10 ** Math.floor(Math.log10(atLeast));
  return decade * ([1, 2, 5].find((factor) => factor * decade >= atLeast) ?? 10);
}

/** Without the noise of binary fractions: 0.30000000000000004 is nothing to be written on an axis. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}
