import { replayUrl } from '../../../core/posthog/replay';

const PROJECT = 'https://eu.posthog.com/project/7';
// Its first 48 bits are the time at which the session began: 14:11:20.
const SESSION = '01a0c44e-9740-7c1d-8f2a-6b9e4d1c0a77';
const BEGAN = 0x01a0c44e9740;

it.each<[string, number, string]>([
  ['two minutes in', BEGAN + 120_000, `t=110&timestamp=${BEGAN + 110_000}`],
  ['at the beginning', BEGAN + 1_000, `t=0&timestamp=${BEGAN - 9_000}`],
  ['a moment before, by another clock', BEGAN - 500, `t=0&timestamp=${BEGAN - 10_500}`],
  ['days later, by another clock', BEGAN + 9e8, `timestamp=${BEGAN + 9e8 - 10_000}`],
])('leads to the seconds before what happened %s', (_, at, query) => {
  expect(replayUrl(PROJECT, SESSION, at)).toBe(`${PROJECT}/replay/${SESSION}?${query}`);
});

it.each(['abc', 'user:42', `${SESSION}x`, '../../settings'])('leads nowhere for %s', (session) => {
  expect(replayUrl(PROJECT, session, BEGAN)).toBeUndefined();
});
