import type { NoteClaim, SessionMemory, SessionRef } from '../memory/types';
import { activityNoteText, BIN_SECONDS } from '../text/note';
import type { Destination } from './destination';
import { LEASE_MS } from './lease';

/** How much of what happened before the link goes out with it, in milliseconds. */
export const LINK_WINDOW_MS = 120_000;
/** A note longer than this is cut into several. */
export const MAX_ACTIONS_PER_NOTE = 500;

/** How often one looks whether somebody else has posted their note, in milliseconds. */
export const WAIT_MS = 200;
/**
 * How often at most. Who posts activity, and takes longer than that, sees to it that nothing stays behind: a
 * slow conversation must not hold up everybody's executions. Who posts a summary does not, so that is waited for
 * unless something is wrong.
 */
export const MAX_WAITS = { delivery: 15, replacement: (LEASE_MS + 15_000) / WAIT_MS };

export interface ActivityCondition {
  /** What happened before the link and is still told, in milliseconds. */
  linkWindowMs: number;
  /** How long the claim lasts, in milliseconds. */
  leaseMs: number;
}

/** Claims one note with everything its conversation has not been told, or as much as a note may hold. */
export async function claimActivity(
  memory: Pick<SessionMemory, 'claimNote'>,
  session: SessionRef,
  { chat, ownsConversation }: Pick<Destination, 'chat' | 'ownsConversation'>,
  { linkWindowMs, leaseMs }: ActivityCondition,
): Promise<NoteClaim> {
  return await memory.claimNote(
    session,
    chat,
    ({ session_id }, actions, first) =>
      activityNoteText(session_id, actions, first ? BIN_SECONDS : 0),
    { windowMs: linkWindowMs, maxActions: MAX_ACTIONS_PER_NOTE, leaseMs, ownsConversation },
  );
}
