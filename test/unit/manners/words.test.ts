import { isBetween } from '../../../core/manners/quietHours';
import { refusalIn } from '../../../core/manners/refusals';
import { cpuMsOf } from '../../support/cpuTime';

const at = (time: string) => Date.parse(time);

it.each([
  // Before, at, within and at the end of a span, in the visitor's zone.
  ['2026-01-15T20:59:59Z', 'Europe/Berlin', false],
  ['2026-01-15T21:00:00Z', 'Europe/Berlin', true],
  ['2026-01-15T23:30:00Z', 'Europe/Berlin', true],
  ['2026-01-16T05:59:59Z', 'Europe/Berlin', true],
  ['2026-01-16T06:00:00Z', 'Europe/Berlin', false],
  // In summer, an hour earlier.
  ['2026-07-15T20:00:00Z', 'Europe/Berlin', true],
  ['2026-07-15T19:59:59Z', 'Europe/Berlin', false],
  // In zones of half hours.
  ['2026-01-15T16:30:00Z', 'Asia/Kolkata', true],
  ['2026-01-15T16:29:59Z', 'Asia/Kolkata', false],
  ['2026-01-15T22:00:00Z', 'UTC', true],
])('%s in %s is between 22:00 and 7:00: %p', (time, zone, quiet) => {
  expect(isBetween(at(time), '22:00', '7:00', [zone])).toBe(quiet);
});

it('quiet hours go by the first zone that is known, and by UTC without one', () => {
  const noon = at('2026-01-15T12:00:00Z');
  const isNoon = (...zones: Array<string | undefined>) => isBetween(noon, '12:00', '13:00', zones);
  expect(isNoon()).toBe(true);
  expect(isNoon(undefined, 'Asia/Tokyo')).toBe(false);
  expect(isNoon('Mars/Olympus', 'Asia/Tokyo')).toBe(false);
  expect(isNoon('', 'Mars/Olympus')).toBe(true);
  expect(isNoon('UTC', 'Asia/Tokyo')).toBe(true);
});

it.each([
  ['', ''],
  ['22:00', ''],
  ['9:00', '09:00'],
  ['9', '17'],
  ['25:00', '26:00'],
])('from %p to %p, no hour is quiet', (from, to) => {
  for (let hour = 0; hour < 24; hour += 1) {
    expect(isBetween(Date.UTC(2026, 0, 1, hour), from, to, ['UTC'])).toBe(false);
  }
});

it.each([
  ['no', 'no'],
  ['No, thanks!', 'no'],
  ['NEIN DANKE 🙏', 'no'],
  ["I'm not interested.", 'no'],
  ['  não, obrigado ', 'no'],
  ['Stop!', 'never'],
  ['unsubscribe', 'never'],
  ['Lass mich in Ruhe!!!', 'never'],
  ['Don’t contact me', 'never'],
  ['no, but how do I export my data?', null],
  ['How do I stop a subscription?', null],
  ['nothing works', null],
  ['yes', null],
  ['', null],
  ['👍', null],
  [`no${' '.repeat(100)}`, null],
])('the reply %p says %p', (text, refusal) => {
  expect(refusalIn(text)).toBe(refusal);
});

it('no reply is slow to read', () => {
  expect(cpuMsOf(() => refusalIn('?'.repeat(1e7)))).toBeLessThan(50);
});
