import { createRecent } from '../recent';

const TIME = /^([01]?\d|2[0-3]):([0-5]\d)$/;

/** Zones of which the formatter is kept, because making one takes long. */
const MOST_ZONES = 50;

const formatterOf = createRecent(MOST_ZONES, (timeZone): Intl.DateTimeFormat | null => {
  try {
    const hour = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    return new Intl.DateTimeFormat('en-GB', { timeZone, ...hour });
  } catch {
    return null;
  }
});

/** Whether a text is a time of day as quiet hours are written, `HH:MM`. */
export function isTimeOfDay(time: string): boolean {
  return TIME.test(time);
}

/** Whether a text is the IANA name of a zone that this machine knows. */
export function isTimeZone(name: string): boolean {
  return name !== '' && formatterOf(name) !== null;
}

/**
 * Whether it is between two times of day in a zone; the first belongs to the span and the second does not. A span may
 * include midnight. Times that are equal or no times name no span.
 *
 * @param now in milliseconds since the epoch
 * @param zones the first of these that is known counts; without one, UTC
 */
export function isBetween(
  now: number,
  from: string,
  to: string,
  zones: readonly (string | undefined)[],
): boolean {
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  if (begin === undefined || end === undefined || begin === end) return false;
  const zone = zones.find((name) => name !== undefined && isTimeZone(name)) ?? 'UTC';
  const minute = minuteOf(formatterOf(zone)!.format(now))!;
  return begin < end ? minute >= begin && minute < end : minute >= begin || minute < end;
}

function minuteOf(time: string): number | undefined {
  const found = TIME.exec(time);
  return found ? Number(found[1]) * 60 + Number(found[2]) : undefined;
}
