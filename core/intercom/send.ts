import type { AdminReply, IntercomApi } from './api';
import { findOwnNote } from './destination';

/**
 * How much older than the earlier attempt a message may be that is taken for its result, in seconds. Short, because
 * unlike a note about activity, the same free text may be said twice within an hour.
 */
const CLOCK_TOLERANCE_S = 60;

/**
 * Sends a note or a reply. Intercom has no key that identifies a repeated message: where an earlier attempt may have
 * posted it, its words are looked for first.
 *
 * @param now in milliseconds since the epoch
 * @param triedAt when the earlier attempt began, likewise; undefined if there was none
 * @returns the message's id; null if Intercom's answer does not contain it
 * @throws as {@link IntercomApi}
 */
export async function sendOnce(
  api: Pick<IntercomApi, 'conversation' | 'reply'>,
  conversationId: string,
  reply: AdminReply,
  now: number,
  triedAt?: number,
): Promise<string | null> {
  const { message_type: partType, admin_id, body: html } = reply;
  const sought = { html, partType, since: now, otherNoteIds: [] };
  if (triedAt !== undefined) {
    const earlier = { ...sought, since: triedAt, toleranceS: CLOCK_TOLERANCE_S };
    const landed = findOwnNote(await api.conversation(conversationId), admin_id, earlier);
    if (landed !== null) return landed;
  }
  return findOwnNote(await api.reply(conversationId, reply), admin_id, sought);
}
