import type { SessionRow } from './sessions';
import type { Tx } from './tables';

/** What a request knows of whose session it means. */
export interface Identity {
  product_id?: string | undefined;
  session_id?: string | undefined;
  user_id?: string | undefined;
  email?: string | undefined;
  /** A conversation that the stream may have named; asked for when all else is unknown. */
  stream_conversation_id?: string | undefined;
}

/** From the surest down; the first that is known decides. */
const LADDER = ['session_id', 'user_id', 'email', 'stream_conversation_id'] as const;

/**
 * The session an identity means: of several, the one seen last. `ambiguous` when two products know
 * this identity: taking either could show a stranger's activity.
 */
export async function newestSession(
  tx: Tx,
  memory: string,
  identity: Identity,
  now: number,
): Promise<SessionRow | 'ambiguous' | undefined> {
  for (const field of LADDER) {
    const value = identity[field];
    if (!value) continue;
    let query = tx
      .selectFrom('autoplay_session')
      .selectAll()
      .where('memory', '=', memory)
      .where(field, '=', value)
      // Outlived its retention, whether or not it has been erased yet.
      .where('expires_at', '>', now);
    if (identity.product_id) query = query.where('product_id', '=', identity.product_id);
    const rows = await query.orderBy('last_seen_at', 'desc').orderBy('id', 'desc').execute();
    const [newest] = rows;
    if (!newest) continue;
    return rows.some((row) => row.product_id !== newest.product_id) ? 'ambiguous' : newest;
  }
  return undefined;
}

/** A conversation, and what narrows its sessions down. */
export interface Conversation {
  chat: string;
  conversation_id: string;
  product_id?: string | undefined;
  session_id?: string | undefined;
}

/** Of the sessions that are linked to a conversation, the one seen last. */
export async function linkedSession(
  tx: Tx,
  memory: string,
  { chat, conversation_id, product_id, session_id }: Conversation,
  now: number,
): Promise<SessionRow | undefined> {
  let query = tx
    .selectFrom('autoplay_link')
    .innerJoin('autoplay_session', 'autoplay_session.id', 'autoplay_link.session')
    .selectAll('autoplay_session')
    .where('autoplay_link.conversation_id', '=', conversation_id)
    .where('autoplay_link.chat', '=', chat)
    .where('autoplay_link.ended_at', 'is', null)
    .where('autoplay_session.memory', '=', memory)
    .where('autoplay_session.expires_at', '>', now);
  if (product_id) query = query.where('autoplay_session.product_id', '=', product_id);
  if (session_id) query = query.where('autoplay_session.session_id', '=', session_id);
  return await query
    .orderBy('autoplay_session.last_seen_at', 'desc')
    .orderBy('autoplay_session.id', 'desc')
    .limit(1)
    .executeTakeFirst();
}
