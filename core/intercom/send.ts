import type { AdminReply, IntercomApi } from './api';
import { findOwnNote } from './destination';

/**
 * Free text may be said twice within an hour, unlike a note about activity: a message of ours is known by its words only
 * if it is not much older than the try that it may have come of, in seconds.
 */
const CLOCK_TOLERANCE_S = 60;

/**
 * Sends a note or a reply. Intercom has no key by which the same message would be known again: where an earlier try may
 * have landed, its words are looked for.
 *
 * @param now in milliseconds since the epoch
 * @param triedAt when the earlier try began, likewise; undefined if there was none
 * @returns its id; null when Intercom's answer does not tell it
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
