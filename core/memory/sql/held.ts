import type { HeldNote } from '../types';
import { claimOf } from './claims';
import { unfinishedNote } from './notes';
import type { SqlContext } from './tables';
import { transact } from './transactions';

/** See {@link SessionMemory.heldNote}. */
export async function heldNote(
  { db }: SqlContext,
  memory: string,
  noteId: number,
  lease: string,
): Promise<HeldNote | null> {
  return await transact(db, async (tx): Promise<HeldNote | null> => {
    const session = await tx
      .selectFrom('autoplay_note')
      .innerJoin('autoplay_link', 'autoplay_link.id', 'autoplay_note.link')
      .innerJoin('autoplay_session', 'autoplay_session.id', 'autoplay_link.session')
      .selectAll('autoplay_session')
      .select(['autoplay_note.link', 'autoplay_note.to_seq'])
      .where('autoplay_note.id', '=', noteId)
      .where('autoplay_session.memory', '=', memory)
      .executeTakeFirst();
    if (!session) return null;
    const link = await tx
      .selectFrom('autoplay_link')
      .selectAll()
      .where('id', '=', session.link)
      .executeTakeFirst();
    const note = link && (await unfinishedNote(tx, link, 'activity'));
    if (!link || note?.id !== noteId) return null;
    const claim = await claimOf(tx, session, link, {
      right: 'post',
      id: lease,
      until: link.lease_until ?? 0,
    });
    return { claim, note, isAll: session.to_seq >= session.last_seq };
  });
}
