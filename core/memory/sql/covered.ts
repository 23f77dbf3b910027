import type { RedactableNote } from '../types';
import type { Tx } from './tables';

export async function latestSummary(tx: Tx, sessionRow: number) {
  return await tx
    .selectFrom('autoplay_summary')
    .selectAll()
    .where('session', '=', sessionRow)
    .orderBy('upto_seq', 'desc')
    .orderBy('id', 'desc')
    .executeTakeFirst();
}

/** The summary note that stands confirmed in the conversation; the newest if there are several. */
export async function toldSummary(tx: Tx, linkId: number) {
  return await tx
    .selectFrom('autoplay_note')
    .select(['id', 'summary', 'to_seq'])
    .where('link', '=', linkId)
    .where('kind', '=', 'summary')
    .where('state', '!=', 'posting')
    .orderBy('id', 'desc')
    .executeTakeFirst();
}

/**
 * Notes that the confirmed summary note makes superfluous: activity notes without any action that
 * is newer than it, and the summary notes before it.
 */
export async function covered(tx: Tx, linkId: number): Promise<RedactableNote[]> {
  const told = await toldSummary(tx, linkId);
  if (!told) return [];
  const notes = await tx
    .selectFrom('autoplay_note')
    .select(['id', 'note_id'])
    .where('link', '=', linkId)
    .where('state', '=', 'standing')
    .where((eb) =>
      eb.or([
        eb.and([eb('kind', '=', 'activity'), eb('to_seq', '<=', told.to_seq)]),
        eb.and([eb('kind', '=', 'summary'), eb('id', '<', told.id)]),
      ]),
    )
    .orderBy('id')
    .execute();
  return notes.flatMap(({ id, note_id }) => (note_id === null ? [] : [{ id, noteId: note_id }]));
}

/** Whether the conversation has not been told the latest summary, or notes that it covers still stand. */
export async function replacementIsLeft(tx: Tx, sessionRow: number, linkId: number) {
  const summary = await latestSummary(tx, sessionRow);
  if (!summary) return false;
  const told = await toldSummary(tx, linkId);
  return told?.summary !== summary.id || (await covered(tx, linkId)).length > 0;
}
