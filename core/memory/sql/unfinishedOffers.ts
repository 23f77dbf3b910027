import { sql } from 'kysely';
import type { Detector } from '../../moments/detect';
import type { Moment } from '../../moments/types';
import { chunks, type SessionRow } from './sessions';
import type { Database, Tx } from './tables';

// An offer whose attempt failed, or whose worker died, needs its moment once more: only with that does its step come by it.

/** An older moment is past for any manners, in milliseconds. */
const PAST_MS = 600_000;

/** The sessions with an offer that is neither there nor given up, and that no worker holds. */
export async function sessionsWithOffers(
  db: Database,
  memory: string,
  now: number,
  limit: number,
): Promise<number[]> {
  const found = await db
    .selectFrom('autoplay_offer')
    .select('session')
    .where('memory', '=', memory)
    // As it is written in the index, which SQLite does not use for a parameter.
    .where(sql<boolean>`state = 'sending'`)
    .where('lease_until', '<=', now)
    .where('moment_at', '>', now - PAST_MS)
    .limit(limit)
    .execute();
  return [...new Set(found.map(({ session }) => session))];
}

/** The moments of such offers in these sessions, of those that the detector's rules have found. */
export async function momentsAgain(
  tx: Tx,
  detector: Detector,
  rows: readonly SessionRow[],
  now: number,
): Promise<Array<{ moment_id: string; moment: Moment; row: SessionRow }>> {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const out: Awaited<ReturnType<typeof momentsAgain>> = [];
  for (const some of chunks(rows, tx)) {
    const offers = await tx
      .selectFrom('autoplay_offer')
      .select(['session', 'moment_id', 'moment_at', 'rule_version', 'page'])
      .where(
        'session',
        'in',
        some.map(({ id }) => id),
      )
      .where('state', '=', 'sending')
      .where('lease_until', '<=', now)
      .execute();
    for (const { session, moment_id, moment_at: at, rule_version, page } of offers) {
      const rule = detector.ruleOf(rule_version);
      if (!rule) continue;
      const found = { at, page, evidence: [], strength: 1 };
      const window = { of: 'session' as const, key: '' };
      const moment = { ...rule, rule_version, ...found, window };
      out.push({ moment_id, moment, row: byId.get(session)! });
    }
  }
  return out;
}
