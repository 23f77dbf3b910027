import { withoutReasoning } from '../../text/reasoning';
import type { RedactableNote } from '../types';
import type { LinkRow } from './sessions';
import type { Tx } from './tables';

/** Older versions stored a model's reasoning as the summary. At most so many of these in a row are passed over. */
const LOOKED_THROUGH = 5;

/**
 * The newest summary of the person who acts in the session now, without a model's reasoning; none that is only that.
 */
export async function latestSummary(tx: Tx, sessionRowId: number) {
  const newest = tx
    .selectFrom('autoplay_summary')
    .selectAll()
    .where('session', '=', sessionRowId)
    .where('upto_seq', '>=', (eb) =>
      eb.selectFrom('autoplay_session').select('person_from_seq').where('id', '=', sessionRowId),
    )
    .orderBy('upto_seq', 'desc')
    .orderBy('id', 'desc');
  for (let offset = 0; offset < LOOKED_THROUGH; offset++) {
    const summary = await newest.limit(1).offset(offset).executeTakeFirst();
    if (!summary) return undefined;
    const text = withoutReasoning(summary.text);
    if (text.trim() !== '') return { ...summary, text };
  }
  return undefined;
}

/** The summary note that is known to be in the conversation; the newest if there are several. */
export async function toldSummary(tx: Tx, linkId: number) {
  return await tx
    .selectFrom('autoplay_note')
    .select(['id', 'summary', 'to_seq'])
    .where('link', '=', linkId)
    .where('kind', '=', 'summary')
    .where('state', '!=', 'posting')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

type Told = Pick<LinkRow, 'id' | 'delivered_seq' | 'keep_latest'>;

/**
 * Notes that the posted summary note makes superfluous: activity notes without any action that is newer than the
 * summary or one of the latest that are to be kept, and earlier summary notes.
 */
export async function covered(
  tx: Tx,
  { id: linkId, delivered_seq, keep_latest }: Told,
  told: Awaited<ReturnType<typeof toldSummary>>,
): Promise<RedactableNote[]> {
  if (!told) return [];
  const upto = Math.min(told.to_seq, (delivered_seq ?? 0) - keep_latest);
  const notes = await tx
    .selectFrom('autoplay_note')
    .select(['id', 'note_id'])
    .where('link', '=', linkId)
    .where('state', '=', 'standing')
    .where((eb) =>
      eb.or([
        eb.and([eb('kind', '=', 'activity'), eb('to_seq', '<=', upto)]),
        eb.and([eb('kind', '=', 'summary'), eb('id', '<', told.id)]),
      ]),
    )
    .orderBy('id')
    .execute();
  return notes.flatMap(({ id, note_id }) =>
    note_id === null ? [] : [{ rowId: id, noteId: note_id }],
  );
}

/** Whether the conversation lacks the latest summary, and whether it still has notes that a posted summary covers. */
export async function replacementOf(tx: Tx, sessionRowId: number, link: Told) {
  const summary = await latestSummary(tx, sessionRowId);
  if (!summary) return { summary: false, redactions: false };
  const told = await toldSummary(tx, link.id);
  return {
    summary: told?.summary !== summary.id,
    redactions: told !== undefined && (await covered(tx, link, told)).length > 0,
  };
}
