import { namesOf } from '../../identity';
import { withTime } from '../../payload/times';
import { withoutReasoning } from '../../text/reasoning';
import type { Recollection, RecallQuery } from '../types';
import { readActions, type StoredAction } from './actions';
import { setLink } from './claims';
import { linkedSession, newestSession } from './find';
import { findLink, lockSessions, sessionInfo, type SessionRow } from './sessions';
import type { SqlContext, Tx } from './tables';
import { transact } from './transactions';

/** The place of a session's first action. */
const FIRST_SEQ = 1;
/** So many of the actions that arrived last may have happened before others: a backfill brings as many at once. */
const LATE = 50;

/** See {@link SessionMemory.recall}. */
export async function recall(
  { db, clock }: SqlContext,
  memory: string,
  query: RecallQuery,
): Promise<Recollection | null> {
  const now = clock.now();
  return await transact(db, async (tx) => {
    const found = await findSession(tx, memory, query, now);
    // The cursors of `onlyNew` must move past exactly what is listed, so the session is locked.
    const [session] = query.onlyNew && found ? await lockSessions(tx, [found]) : [found];
    if (!session) return null;
    const link =
      query.onlyNew && query.chat ? await findLink(tx, session.id, query.chat) : undefined;
    const arrived = await readActions(tx, session.id, {
      // What another person did in this session before is not returned.
      after: Math.max(link?.recalled_seq ?? 0, session.person_from_seq - 1),
      since: now - query.windowMs,
      limit: query.maxActions > 0 ? query.maxActions + LATE : 0,
      newest: true,
    });
    const inOrder = arrived.toSorted((a, b) => a.at - b.at || a.seq - b.seq);
    const latest = inOrder.slice(Math.max(0, inOrder.length - query.maxActions));
    const summary = spoken(await summaryBefore(tx, session, latest, link?.told_from_seq ?? null));
    const actions = latest.filter(({ seq }) => !summary || seq > summary.upto_seq);
    if (link) {
      await setLink(tx, link.id, {
        recalled_seq: session.last_seq,
        told_from_seq: summary ? 0 : (link.told_from_seq ?? firstOf(actions)),
      });
    }
    return {
      session: await sessionInfo(tx, session),
      last_seen_at: session.last_seen_at,
      project_url: session.project_url,
      summary: summary?.text ?? null,
      actions: actions.map(({ action, at }, index) => ({ ...withTime(action, at), index })),
    };
  });
}

/** The first of some actions by their places; null for none. */
function firstOf(actions: readonly StoredAction[]): number | null {
  return actions.reduce<number | null>((first, { seq }) => Math.min(first ?? seq, seq), null);
}

async function findSession(
  tx: Tx,
  memory: string,
  query: RecallQuery,
  now: number,
): Promise<SessionRow | undefined> {
  const { chat, conversation_id, product_id, session_id } = query;
  const { user_id, email } = namesOf(query);
  if (conversation_id) {
    // A visitor can claim to be another person, so only a link says whose conversation it is.
    if (!chat) return undefined;
    const conversation = { chat, conversation_id, product_id, session_id };
    return await linkedSession(tx, memory, conversation, now);
  }
  // If a session is named, no other session of the same person may take its place.
  const whom = session_id ? { product_id, session_id } : { product_id, user_id, email };
  const found = await newestSession(tx, memory, whom, now);
  return found === 'ambiguous' ? undefined : found;
}

/** A stored summary without the model's reasoning, which older versions kept; undefined when nothing is left. */
function spoken<T extends { text: string }>(summary: T | undefined): T | undefined {
  const text = summary && withoutReasoning(summary.text);
  return summary && text?.trim() ? { ...summary, text } : undefined;
}

/**
 * The newest summary that ends before the first listed action. If every summary reaches into the list, the one that
 * reaches in least; none if the list begins with the session's first action.
 *
 * @param toldFrom the first action that an earlier recall returned: no summary may contain it or a later one; null if none
 *   did
 */
async function summaryBefore(
  tx: Tx,
  session: SessionRow,
  listed: readonly StoredAction[],
  toldFrom: number | null,
) {
  const first = firstOf(listed) ?? session.last_seq + 1;
  const summaries = tx
    .selectFrom('autoplay_summary')
    .select(['upto_seq', 'text'])
    .where('session', '=', session.id)
    .where('upto_seq', '>=', session.person_from_seq)
    .limit(1);
  const before = await summaries
    .where('upto_seq', '<', Math.min(first, toldFrom ?? first))
    .orderBy('upto_seq', 'desc')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  // What was returned earlier precedes the list, so a summary that reaches into the list would repeat it.
  if (before || toldFrom !== null) return before;
  // The list is complete, and says more than a summary would in its place.
  if (first === Math.max(FIRST_SEQ, session.person_from_seq)) return undefined;
  return await summaries.orderBy('upto_seq').orderBy('id', 'desc').executeTakeFirst();
}
