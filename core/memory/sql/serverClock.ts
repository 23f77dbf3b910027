import { sql } from 'kysely';
import type { Clock } from '../../clock';
import type { Database } from './tables';

/** How often clocks are compared, in milliseconds: they drift, and are set. */
const COMPARE_EVERY_MS = 60_000;

/**
 * The time of the database server, by this machine's clock and how far apart the two are. Machines that share a
 * memory must agree on when a claim of one of them has lapsed.
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
      // Until then, what is known is near enough. An outage of the server shows by what is asked of it.
      if (isOld && !isComparing) compare().catch(() => undefined);
      return Math.round(local.now() + ahead);
    },
    after: (ms, callback) => local.after(ms, callback),
  };
}
