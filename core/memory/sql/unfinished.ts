import type { SessionInfo } from '../types';
import { sessionInfos } from './sessions';
import { LOOK_AGAIN_MS, type SqlContext } from './tables';

/**
 * After so many looks, at doubling intervals, that nobody acted upon, a session is left alone: the
 * workflow may simply have no step for what is left. New activity starts the count anew.
 */
const MAX_LOOKS = 10;

/** See {@link SessionMemory.unfinished}. */
export async function unfinished(
  { db, clock }: SqlContext,
  memory: string,
  limit: number,
  evenBackingOff: boolean,
): Promise<SessionInfo[]> {
  const now = clock.now();
  return await db.transaction().execute(async (tx) => {
    const due = await tx
      .selectFrom('autoplay_link')
      .innerJoin('autoplay_session', 'autoplay_session.id', 'autoplay_link.session')
      .selectAll('autoplay_session')
      .select(['autoplay_link.id as link', 'autoplay_link.looks'])
      .where('autoplay_session.memory', '=', memory)
      .where('autoplay_link.ended_at', 'is', null)
      .where((eb) =>
        eb.or([eb('autoplay_link.lease', 'is', null), eb('autoplay_link.lease_until', '<=', now)]),
      )
      .where('autoplay_link.due_at', '<=', evenBackingOff ? Number.MAX_SAFE_INTEGER : now)
      .orderBy('autoplay_link.due_at')
      .limit(limit)
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
    return [...(await sessionInfos(tx, due)).values()];
  });
}
