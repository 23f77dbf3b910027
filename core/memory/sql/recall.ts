import type { Recollection, RecallQuery } from '../types';
import { readActions, type StoredAction } from './actions';
import { newestSession } from './links';
import { findLink, sessionInfo, type SessionRow } from './sessions';
import type { SqlContext, Tx } from './tables';

/** See {@link SessionMemory.recall}. Null for a visitor nobody knows. */
export async function recall(
  { db, clock }: SqlContext,
  memory: string,
  query: RecallQuery,
): Promise<Recollection | null> {
  return await db.transaction().execute(async (tx) => {
    const session = await findSession(tx, memory, query, clock.now());
    if (!session) return null;
    const link = query.chat ? await findLink(tx, session.id, query.chat) : undefined;
    const known = query.onlyNew && link ? link.recalled_seq : 0;
    if (query.onlyNew && link) {
      await tx
        .updateTable('autoplay_link')
        .set({ recalled_seq: session.last_seq })
        .where('id', '=', link.id)
        .execute();
    }
    const recent = await readActions(tx, session.id, {
      after: known,
      since: clock.now() - query.windowMs,
      limit: query.maxActions,
      newest: true,
    });
    const { summary, actions } = await withoutOverlap(tx, session, recent, known);
    const listed = actions.map(({ action }, index) => ({ ...action, index }));
    return { session: await sessionInfo(tx, session), summary, actions: listed };
  });
}

async function findSession(
  tx: Tx,
  memory: string,
  query: RecallQuery,
  now: number,
): Promise<SessionRow | undefined> {
  const { product_id, session_id, user_id, email } = query;
  if (!session_id && query.conversation_id) {
    let linked = tx
      .selectFrom('autoplay_session')
      .innerJoin('autoplay_link', 'autoplay_link.session', 'autoplay_session.id')
      .selectAll('autoplay_session')
      .where('autoplay_session.memory', '=', memory)
      .where('autoplay_link.conversation_id', '=', query.conversation_id)
      .where('autoplay_link.ended_at', 'is', null)
      .where('autoplay_session.expires_at', '>', now)
      .orderBy('autoplay_session.last_seen_at', 'desc');
    if (query.chat) linked = linked.where('autoplay_link.chat', '=', query.chat);
    const session = await linked.executeTakeFirst();
    if (session) return session;
  }
  // A session that was named and is not known must not turn into another one of the same person.
  const identity = session_id ? { product_id, session_id } : { product_id, user_id };
  const whom = { ...identity, email: session_id ? undefined : email?.toLowerCase() };
  const found = await newestSession(tx, memory, whom, now);
  return found === 'ambiguous' ? undefined : found;
}

/**
 * The newest summary that ends before the first listed action. Where every summary reaches into
 * the list, the one that reaches in least, and the actions it tells are listed no more.
 */
async function withoutOverlap(
  tx: Tx,
  session: SessionRow,
  recent: StoredAction[],
  known: number,
): Promise<{ summary: string | null; actions: StoredAction[] }> {
  const firstSeq = recent[0]?.seq ?? session.last_seq + 1;
  const summaries = await tx
    .selectFrom('autoplay_summary')
    .select(['upto_seq', 'text'])
    .where('session', '=', session.id)
    .orderBy('upto_seq')
    .orderBy('id')
    .execute();
  const before = summaries.findLast(({ upto_seq }) => upto_seq < firstSeq);
  const chosen = before ?? summaries[0];
  // All of it was told at the previous recall.
  if (!chosen || chosen.upto_seq <= known) return { summary: null, actions: recent };
  return {
    summary: chosen.text,
    actions: recent.filter(({ seq }) => seq > chosen.upto_seq),
  };
}
