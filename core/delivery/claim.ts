import type { NoteClaim, SessionMemory, SessionRef } from '../memory/types';
import { LEASE_MS } from './lease';

/** How much of what happened before the link goes out with it, in milliseconds. */
export const LINK_WINDOW_MS = 120_000;
/** A note longer than this is cut into several. */
export const MAX_ACTIONS_PER_NOTE = 500;

/** How long to wait before looking again whether somebody else, as in another process, has posted their note. */
export const WAIT_MS = 200;
/**
 * How often to look at most, by what the other is doing. A delivery that takes longer than this looks again
 * itself for what came meanwhile (see SLOW_MS in `deliver.ts`), so nothing is lost by leaving: a slow conversation
 * must not hold up everybody's executions. A replacement does not look for activity, so it is waited for as long
 * as its claim can last.
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
  chat: string,
  { linkWindowMs, leaseMs }: ActivityCondition,
): Promise<NoteClaim> {
  const condition = { windowMs: linkWindowMs, maxActions: MAX_ACTIONS_PER_NOTE, leaseMs };
  return await memory.claimNote(session, chat, condition);
}
