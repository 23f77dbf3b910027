import type { Action } from '../payload/types';

/** PostHog names recordings by session ids, which are UUIDs. Other sources have ids of other forms. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The replay begins a little earlier than the moment, to show how it came about. */
const BEFORE_MS = 10_000;

/**
 * The address of a session's replay at a moment, or a few seconds before. Undefined if the session cannot be one of
 * PostHog's. Whether a recording exists is not known here.
 *
 * @param projectUrl such as `https://eu.posthog.com/project/7`
 * @param at milliseconds since the epoch
 */
export function replayUrl(projectUrl: string, sessionId: string, at: number): string | undefined {
  if (!UUID.test(sessionId)) return undefined;
  const moment = Math.max(0, Math.round(at) - BEFORE_MS);
  // A session's id begins with the time at which it did. Older players know only `t`, counted from there.
  const began = parseInt(sessionId.replace('-', '').slice(0, 12), 16);
  const t = Math.max(0, Math.floor((moment - began) / 1_000));
  const isIn = Math.abs(at - began) < LONGEST_SESSION_S * 1_000;
  const seconds = isIn ? `t=${t}&` : '';
  return `${projectUrl}/replay/${sessionId}?${seconds}timestamp=${moment}`;
}

/** What is remembered of a session, as far as its replay needs it. */
interface Recalled {
  session: { session_id: string };
  actions: readonly Action[];
  /** In milliseconds since the epoch. */
  last_seen_at: number;
  project_url: string | null;
}

/**
 * The address of the replay of what is remembered, from its first listed action on; from when the visitor was last seen
 * if none is listed. Undefined if there is no replay.
 *
 * @param project the address of its project; null for none, by default the one that recorded the session
 */
export function recalledReplay(
  { session, actions, last_seen_at, project_url }: Recalled,
  project: string | null = project_url,
): string | undefined {
  const first = actions[0]?.timestamp_start;
  const at = typeof first === 'number' ? first * 1_000 : last_seen_at;
  return project ? replayUrl(project, session.session_id, at) : undefined;
}

/** PostHog ends sessions after a day. */
const LONGEST_SESSION_S = 2 * 86_400;
