import { wait } from '../../clock';
import { eraseSessions } from './forget';
import type { SqlContext } from './tables';

/** Sessions erased in one transaction, so that others need not wait long for theirs. */
const SESSIONS_AT_ONCE = 50;
/** Vendors repeat a webhook within minutes; a day is on the safe side. */
const SEEN_MS = 24 * 3_600_000;

/** See {@link SessionMemory.firstSight}. */
export async function firstSight(
  { db, clock }: SqlContext,
  scope: string,
  key: string,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('autoplay_seen')
    .values({ scope, key, seen_at: clock.now() })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** See {@link SessionMemory.expire}. */
export async function expire({ db, clock }: SqlContext): Promise<number> {
  const now = clock.now();
  await db
    .deleteFrom('autoplay_seen')
    .where('seen_at', '<', now - SEEN_MS)
    .execute();
  await db.deleteFrom('autoplay_waiting_link').where('expires_at', '<', now).execute();
  let erased = 0;
  for (;;) {
    const { sessions } = await db.transaction().execute(async (tx) => {
      const old = await tx
        .selectFrom('autoplay_session')
        .select('id')
        .where('expires_at', '<', now)
        .limit(SESSIONS_AT_ONCE)
        .execute();
      return await eraseSessions(
        tx,
        old.map(({ id }) => id),
      );
    });
    erased += sessions;
    if (sessions < SESSIONS_AT_ONCE) return erased;
    // SQLite works on the event loop: let others have a turn.
    await wait(clock, 0);
  }
}
