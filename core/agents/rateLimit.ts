import type { Clock } from '../clock';
import { createRecent } from '../recent';

/** Lets each asker ask so often and no more. */
export interface RateLimit {
  /** 0 if the asker may ask now, which counts; else the seconds after which they may. */
  take(asker: string, perMinute: number): number;
}

/** The limit counts at least this many askers separately, and forgets those whose last question is oldest. */
const ASKERS = 20_000;

/** A bucket for each asker, which holds a minute's questions and fills steadily. Of this process alone. */
export function createRateLimit(clock: Pick<Clock, 'now'>): RateLimit {
  const buckets = createRecent(ASKERS, () => ({ used: 0, at: clock.now() }));
  return {
    take(asker, perMinute) {
      const bucket = buckets(asker);
      const now = clock.now();
      // A clock that was set back must not fill or empty anything.
      const passed = Math.max(0, now - bucket.at);
      bucket.used = Math.max(0, bucket.used - (passed * perMinute) / 60_000);
      bucket.at = now;
      if (bucket.used + 1 > perMinute) {
        return Math.max(1, Math.ceil(((bucket.used + 1 - perMinute) * 60) / perMinute));
      }
      bucket.used += 1;
      return 0;
    },
  };
}
