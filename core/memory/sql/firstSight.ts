import type { Database, SqlContext } from './tables';

/** See {@link SessionMemory.firstSight}. `expire` erases what was seen a day ago. */
export async function firstSight(
  { db, clock }: SqlContext,
  scope: string,
  key: string,
): Promise<boolean> {
  const seen = { scope, key, seen_at: clock.now() };
  const insert = async () => {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('autoplay_seen')
      .values(seen)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (numInsertedOrUpdatedRows ?? 0n) > 0n;
  };
  try {
    return await insert();
  } catch (error) {
    // Perhaps only the answer was lost. If the row is ours, this is the first sight all the same: the vendor's next
    // delivery must not be taken for a repetition of one that was never worked on.
    const again = insert().then(
      async (isNew) => isNew || (await seenAt(db, seen)) === seen.seen_at,
    );
    return await again.catch(() => {
      throw error;
    });
  }
}

async function seenAt(db: Database, { scope, key }: { scope: string; key: string }) {
  const row = await db
    .selectFrom('autoplay_seen')
    .select('seen_at')
    .where('scope', '=', scope)
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.seen_at;
}
