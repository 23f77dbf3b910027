import { timesOf, withTime } from '../../../core/payload/times';
import { action, batch } from '../../support/batches';

const now = Date.UTC(2026, 10, 29, 12);
const SECOND = 1;
const MINUTE = 60 * SECOND;
const YEAR = 365 * 24 * 60 * MINUTE;
/** Seconds before now, as it is written. */
const ago = (seconds: number) => now / 1_000 - seconds;

/** How long ago the actions are said to have happened, in seconds. */
function agesOf(times: Array<number | null>, forwarded_at = ago(1)): number[] {
  const actions = times.map((timestamp_start) => action({ timestamp_start }));
  const known = timesOf({ ...batch('s', []), actions, forwarded_at }, now);
  return known.map((time) => Math.round((now - time) / 1_000));
}

it.each<[string, Array<number | null>, number[]]>([
  ['a clock that is right', [ago(20), ago(12)], [20, 12]],
  ['a batch that was gathered for a while', [ago(300), ago(20)], [300, 20]],
  ['a clock that is three minutes behind', [ago(190), ago(181)], [10, 1]],
  ['a clock that is ten minutes behind', [ago(609), ago(601)], [9, 1]],
  ['a clock that is an hour ahead', [ago(-3_590), ago(-3_599)], [10, 1]],
  ['a clock that is a little ahead', [ago(5), ago(-10)], [5, 0]],
  ['milliseconds', [ago(20) * 1_000, ago(12) * 1_000], [20, 12]],
  ['microseconds', [ago(20) * 1e6], [20]],
  ['nanoseconds', [ago(20) * 1e9], [20]],
  ['milliseconds of a clock that is behind', [ago(601) * 1_000], [1]],
  ['a clock that is a year ahead', [ago(-YEAR), ago(-YEAR)], [0, 0]],
  ['a clock of 1970', [0, 5, 100_000], [0, 0, 0]],
  ['no time', [null, -5, 0], [0, 0, 0]],
  ['one wrong time among right ones', [ago(15), ago(-YEAR), 0, ago(5)], [15, 0, 0, 5]],
])('%s', (_, times, ages) => {
  expect(agesOf(times)).toEqual(ages);
});

it.each([
  ['nothing', 0],
  ['what cannot be', ago(-YEAR)],
])(
  'the visitor’s clock is trusted if the batch says %s of when it was forwarded',
  (_, forwarded) => {
    expect(agesOf([ago(600), ago(300)], forwarded)).toEqual([600, 300]);
  },
);

it('a batch that is remembered late keeps the age that it had when it was forwarded', () => {
  expect(agesOf([ago(605), ago(601)], ago(600))).toEqual([605, 601]);
  expect(agesOf([ago(905), ago(901)], ago(600))).toEqual([604, 600]);
});

it('a time that is not plausible does not appear in a note', () => {
  const told = (timestamp_start: number | null, at: number) =>
    withTime(action({ timestamp_start }), at * 1_000).timestamp_start;
  expect(told(ago(601), ago(1))).toBe(ago(1));
  expect(told(ago(20) * 1_000, ago(20))).toBe(ago(20));
  expect([told(0, ago(0)), told(ago(-YEAR), ago(0)), told(null, ago(0))]).toEqual([
    null,
    null,
    null,
  ]);
});
