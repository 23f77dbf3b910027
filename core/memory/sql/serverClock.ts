import { sql } from 'kysely';
import type { Clock } from '../../clock';
import type { Database } from './tables';

/** How often the clocks are compared, in milliseconds, because they drift and are corrected. */
const COMPARE_EVERY_MS = 60_000;

/**
 * The time of the database server: this machine's clock, corrected by the difference between the two. Machines that
 * share a memory must agree on when a claim has lapsed.
 */
export async function serverClock(db: Database, local: Clock): Promise<Clock> {
  let ahead = 0;
  let comparedAt = 0;
  let isComparing = false;

  async function compare(): Promise<void> {
    isComparing = true;
    try {
      const asked = local.now();
      const { rows } = await sql<{
        now: number;
      }>`select extract(epoch from clock_timestamp()) * 1000 as now`.execute(db);
      comparedAt = local.now();
      ahead = Number(rows[0]?.now) - (asked + comparedAt) / 2;
    } finally {
      isComparing = false;
    }
  }

  await compare();
  return {
    now() {
      const isOld = Math.abs(local.now() - comparedAt) >= COMPARE_EVERY_MS;
      // The known difference is near enough meanwhile. If the server is away, the call itself shows it.
      if (isOld && !isComparing) compare().catch(() => undefined);
      return Math.round(local.now() + ahead);
    },
    after: (ms, callback) => local.after(ms, callback),
  };
}
