import type { SessionInfo } from '../types';
import { sessionInfos, type SessionRow } from './sessions';
import { LOOK_AGAIN_MS, type Database, type SqlContext, type Tx } from './tables';
import { isShared, transact } from './transactions';

/**
 * After so many looks, at doubling intervals, that nobody acted upon, a session is left alone: the
 * workflow may simply have no step for what is left. New activity starts the count anew.
 */
const MAX_LOOKS = 10;

/** How many sessions that nobody has looked at come out at once: what a crash leaves is among the latest. */
const NEVER_LOOKED_AT = 100;

/** See {@link SessionMemory.unfinished}. */
export async function unfinished(
  { db, clock }: SqlContext,
  memory: string,
  limit: number,
  evenBackingOff: boolean,
): Promise<SessionInfo[]> {
  const now = clock.now();
  return await transact(db, async (tx) => {
    const due = await dueLinks(tx, memory, now, evenBackingOff ? Number.MAX_SAFE_INTEGER : now)
      .selectAll('autoplay_session')
      .select(['autoplay_link.id as link', 'autoplay_link.looks'])
      .orderBy('autoplay_link.due_at')
      .limit(limit)
      // What somebody else is at needs nobody to look at it now.
      .$if(isShared(tx), (query) => query.forUpdate('autoplay_link').skipLocked())
      .execute();
    for (const { link, looks } of due) {
      const next = looks < MAX_LOOKS ? now + LOOK_AGAIN_MS * 2 ** looks : null;
      await tx
        .updateTable('autoplay_link')
        .set(
          evenBackingOff
            ? // Whoever asks for these paces itself, and asks because something failed.
              { due_at: now + LOOK_AGAIN_MS }
            : { due_at: next, looks: looks + 1 },
        )
        .where('id', '=', link)
        .execute();
    }
    const room = Math.min(limit - due.length, NEVER_LOOKED_AT);
    const more = evenBackingOff && room > 0 ? await neverLookedAt(tx, memory, now, room) : [];
    return [...(await sessionInfos(tx, [...due, ...more])).values()];
  });
}

/**
 * The latest sessions whose conversation the stream named, while nothing is known of a link. Delivery
 * makes it; where it never came to that, nothing else would say that there is something to deliver.
 */
async function neverLookedAt(
  tx: Tx,
  memory: string,
  now: number,
  limit: number,
): Promise<SessionRow[]> {
  return await tx
    .selectFrom('autoplay_session')
    .selectAll()
    .where('memory', '=', memory)
    .where('stream_conversation_id', 'is not', null)
    .where('expires_at', '>', now)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('autoplay_link')
            .select('autoplay_link.id')
            .whereRef('autoplay_link.session', '=', 'autoplay_session.id'),
        ),
      ),
    )
    .orderBy('last_seen_at', 'desc')
    .limit(limit)
    .execute();
}

/** See {@link SessionMemory.isWorkDue}. */
export async function isWorkDue({ db, clock }: SqlContext, memory: string): Promise<boolean> {
  const now = clock.now();
  const due = await dueLinks(db, memory, now, now)
    .select('autoplay_link.id')
    .limit(1)
    .executeTakeFirst();
  return due !== undefined;
}

/** The living links of a memory that are due by a time, without those somebody is at now. */
function dueLinks(db: Database, memory: string, now: number, by: number) {
  return db
    .selectFrom('autoplay_link')
    .innerJoin('autoplay_session', 'autoplay_session.id', 'autoplay_link.session')
    .where('autoplay_session.memory', '=', memory)
    .where('autoplay_session.expires_at', '>', now)
    .where('autoplay_link.ended_at', 'is', null)
    .where((eb) =>
      eb.or([eb('autoplay_link.lease', 'is', null), eb('autoplay_link.lease_until', '<=', now)]),
    )
    .where('autoplay_link.due_at', '<=', by);
}
