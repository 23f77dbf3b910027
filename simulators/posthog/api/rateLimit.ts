import type { Clock } from '../../../core/clock';
import { apiError } from '../../http/apiError';
import type { Manners } from '../../http/handler';
import { codeOf, errorBody } from './errors';

/** Requests that a key is granted, in a minute and in an hour. */
const LIMITS = [
  { count: 480, windowMs: 60_000 },
  { count: 4_800, windowMs: 3_600_000 },
] as const;

/** How PostHog answers, whatever is asked. @param isLimited whether there is a limit */
export function createManners(clock: Clock, isLimited: boolean): Manners {
  /** When each key called in the last hour, oldest first. */
  const calls = new Map<string, number[]>();
  return {
    admit({ headers }) {
      const key = headers.authorization;
      if (!isLimited || !key) return {};
      const now = clock.now();
      const past = (calls.get(key) ?? []).filter((at) => now - at < LIMITS[1].windowMs);
      calls.set(key, past);
      for (const { count, windowMs } of LIMITS) {
        const within = past.filter((at) => now - at < windowMs);
        if (within.length < count) continue;
        const seconds = Math.ceil((within[0]! + windowMs - now) / 1_000);
        return {
          headers: { 'Retry-After': String(seconds) },
          refusal: apiError(
            429,
            'throttled',
            `Request was throttled. Expected available in ${seconds} seconds.`,
          ),
        };
      }
      past.push(now);
      return {};
    },
    headers: () => ({}),
    errorBody: (error) => errorBody(error),
    codeOf,
  };
}
