import type { Clock } from '../../core/clock';

const WINDOW_MS = 10_000;
const WINDOWS_A_MINUTE = 60_000 / WINDOW_MS;

export interface RateLimit {
  /** Counts one request: whether it may pass, and the headers its answer carries. */
  admit(): { allowed: boolean; headers: Record<string, string> };
  /** Requests allowed in each window, for the error message. */
  readonly perWindow: number;
}

/**
 * Intercom spreads a minute's allowance evenly over windows of 10 s: 10 000 a minute are 1 666 in each
 * window. It refuses more within a window, even when the minute has requests left.
 *
 * @param perMinute false lifts the limit
 */
export function createRateLimit(perMinute: number | false, clock: Clock): RateLimit {
  const perWindow = perMinute === false ? Infinity : Math.floor(perMinute / WINDOWS_A_MINUTE);
  let window = -1;
  let used = 0;
  return {
    perWindow,
    admit(): { allowed: boolean; headers: Record<string, string> } {
      if (perWindow === Infinity) return { allowed: true, headers: {} };
      const current = Math.floor(clock.now() / WINDOW_MS);
      if (current !== window) [window, used] = [current, 0];
      const allowed = used < perWindow;
      if (allowed) used += 1;
      return {
        allowed,
        headers: {
          'X-RateLimit-Limit': String(perWindow),
          'X-RateLimit-Remaining': String(perWindow - used),
          'X-RateLimit-Reset': String(((current + 1) * WINDOW_MS) / 1_000),
        },
      };
    },
  };
}
