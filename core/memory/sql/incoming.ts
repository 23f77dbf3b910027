import type { IncomingEntry } from '../types';
import { chunks } from './sessions';
import type { SqlContext } from './tables';
import { transact } from './transactions';

/** Clocks of a database and its clients differ by less, in milliseconds. */
const AHEAD_MS = 5_000;

/** See {@link SessionMemory.keepIncoming}. */
export async function keepIncoming(
  { db, clock }: SqlContext,
  inbox: string,
  entries: readonly IncomingEntry[],
): Promise<void> {
  const arrived_at = clock.now();
  await transact(db, async (tx) => {
    for (const some of chunks(entries, tx)) {
      await tx
        .insertInto('autoplay_incoming')
        .values(some.map(({ key, body }) => ({ inbox, key, body, arrived_at })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  });
}

/** See {@link SessionMemory.incoming}. */
export async function incoming(
  { db, clock }: SqlContext,
  inbox: string,
  ageMs: number,
  limit: number,
): Promise<IncomingEntry[]> {
  return await db
    .selectFrom('autoplay_incoming')
    .select(['key', 'body'])
    .where('inbox', '=', inbox)
    // Those from the future arrived before the clock was set back.
    .where((eb) =>
      eb.or([
        eb('arrived_at', '<=', clock.now() - ageMs),
        eb('arrived_at', '>', clock.now() + AHEAD_MS),
      ]),
    )
    .orderBy('arrived_at')
    .limit(limit)
    .execute();
}

/** See {@link SessionMemory.dropIncoming}. */
export async function dropIncoming(
  { db }: SqlContext,
  inbox: string,
  keys: readonly string[],
): Promise<void> {
  await transact(db, async (tx) => {
    for (const some of chunks(keys, tx)) {
      await tx
        .deleteFrom('autoplay_incoming')
        .where('inbox', '=', inbox)
        .where('key', 'in', some)
        .execute();
    }
  });
}
