import { backlogGrowth, exponentOf, type BacklogSample } from '../../../bench/measure/growth';

describe('the exponent of growth', () => {
  const over = (y: (x: number) => number) =>
    exponentOf([1, 10, 100, 1_000].map((x) => [x, y(x)] as const));

  it.each([
    ['no growth', () => 7, 0],
    ['in proportion', (x: number) => 3 * x, 1],
    ['with the square', (x: number) => 0.2 * x ** 2, 2],
    ['with the root', (x: number) => 5 * Math.sqrt(x), 0.5],
  ])('%s', (_, y, exponent) => {
    expect(over(y)).toBeCloseTo(exponent);
  });

  it('is the slope of the line that fits best, in any order', () => {
    const points = [
      [100, 90],
      [1, 1],
      [10, 11],
    ] as const;
    expect(exponentOf(points)).toBeCloseTo(Math.log10(90) / 2);
  });

  it('needs two points above 0', () => {
    expect(() => exponentOf([[10, 5]])).toThrow(RangeError);
    expect(() =>
      exponentOf([
        [10, 5],
        [10, 6],
      ]),
    ).toThrow(RangeError);
    expect(() =>
      exponentOf([
        [0, 5],
        [10, 6],
      ]),
    ).toThrow(RangeError);
  });
});

describe('the growth of a backlog', () => {
  const span = { fromMs: 1_000, toMs: 3_000 };
  const samples = (events: (at: number) => number): BacklogSample[] =>
    Array.from({ length: 40 }, (_, i) => [i * 100, events(i * 100)] as const);

  it('is 1 when it stays, and more when it grows', () => {
    expect(
      backlogGrowth(
        samples(() => 50),
        span,
        1,
      ),
    ).toBe(1);
    expect(
      backlogGrowth(
        samples((at) => at),
        span,
        1,
      ),
    ).toBeCloseTo(2_450 / 1_450);
    expect(
      backlogGrowth(
        samples((at) => 4_000 - at),
        span,
        1,
      ),
    ).toBeLessThan(1);
  });

  it('ignores samples outside the span', () => {
    const outside = samples((at) => (at < 1_000 || at >= 3_000 ? 1e6 : 50));
    expect(backlogGrowth(outside, span, 1)).toBe(1);
  });

  it('ignores backlogs below the floor', () => {
    expect(
      backlogGrowth(
        samples((at) => (at < 2_000 ? 0 : 5)),
        span,
        10,
      ),
    ).toBe(1);
  });

  it('needs samples', () => {
    expect(() => backlogGrowth([], span, 1)).toThrow(RangeError);
  });
});
