import { patternsFault } from '../payload/pages';
import { isTimeOfDay, isTimeZone } from './quietHours';
import type { Manners } from './types';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The manners that hold unless they are changed: an offer has to be a rare thing. */
export const DEFAULT_MANNERS: Manners = {
  earliestMs: 20_000,
  perSession: 1,
  perWeek: 2,
  perRule: 1,
  afterShownMs: DAY_MS,
  afterIgnoredMs: 2 * DAY_MS,
  afterAcceptedMs: 7 * DAY_MS,
  afterDismissedMs: 30 * DAY_MS,
  afterTwoDismissalsMs: 90 * DAY_MS,
  afterConversationMs: DAY_MS,
  afterTypingMs: 5_000,
  neverOn: [
    ...['*checkout*', '*payment*', '*password*', '*consent*'],
    ...['*/error/*', '*/404/*', '*/500/*'],
  ],
  holdout: 0.1,
  holdoutSalt: '',
  perMinute: 30,
  stopAfterShown: 20,
  stopAtDismissed: 0.3,
  quietFrom: '',
  quietTo: '',
  timeZone: 'UTC',
  ignoredAfterMs: 10 * MINUTE_MS,
  staleAfterMs: 2 * MINUTE_MS,
};

/** Why manners cannot be used, in one sentence; undefined if they can. */
export function mannersFault(manners: Manners): string | undefined {
  for (const [name, value] of Object.entries(manners)) {
    if (typeof value === 'number' && !(value >= 0)) return `${name} must be 0 or more.`;
  }
  const { holdout, stopAtDismissed, quietFrom, quietTo, timeZone } = manners;
  if (holdout > 1 || stopAtDismissed > 1) return 'A share must be between 0 and 1.';
  for (const time of [quietFrom, quietTo]) {
    if (time !== '' && !isTimeOfDay(time))
      return `"${time.slice(0, 40)}" is no time such as 22:00.`;
  }
  if ((quietFrom === '') !== (quietTo === '')) return 'Quiet hours need a beginning and an end.';
  if (!isTimeZone(timeZone)) {
    return `"${timeZone.slice(0, 40)}" is no time zone such as Europe/Berlin.`;
  }
  return patternsFault(manners.neverOn);
}
