import { ofChat } from './chats';
import type { SessionRow } from './sessions';
import type { Tx } from './tables';

/** What a request knows about the session it means. */
interface Identity {
  product_id?: string | undefined;
  session_id?: string | undefined;
  user_id?: string | undefined;
  email?: string | undefined;
  /** A conversation that the stream may have named; the last resort. */
  stream_conversation_id?: string | undefined;
}

/** From the surest to the least sure; the first that is known decides. */
const LADDER = ['session_id', 'user_id', 'email', 'stream_conversation_id'] as const;

/** How the session id begins that a visitor gets if the stream names no session. */
const SESSION_OF = { user_id: 'user', email: 'email' } as const;

/** Whether this is the session that a person gets if the stream names no session. */
export function isSessionOf(session_id: string, kind: keyof typeof SESSION_OF, name: string) {
  return session_id === `${SESSION_OF[kind]}:${name}`;
}

/**
 * The session that an identity means; of several, the one seen last. If a session is named by its id and not known, no
 * other session of the same person takes its place, except the one they get where the stream names no session.
 *
 * `ambiguous` when two products know the session id or conversation. Also when a user or an address is known while the
 * memory holds several products and none is named: any choice could show a stranger's activity.
 */
export async function newestSession(
  tx: Tx,
  memory: string,
  identity: Identity,
  now: number,
): Promise<SessionRow | 'ambiguous' | undefined> {
  const { product_id } = identity;
  let isUncertain = false;
  for (const field of LADDER) {
    const value = identity[field];
    if (!value) continue;
    let query = tx
      .selectFrom('autoplay_session')
      .selectAll()
      .where('memory', '=', memory)
      .where(field, '=', value)
      // Not one that has outlived its retention, even before it is erased.
      .where('expires_at', '>', now);
    if (product_id) query = query.where('product_id', '=', product_id);
    const isPerson = field === 'user_id' || field === 'email';
    if (isPerson && identity.session_id) {
      query = query.where('session_id', '=', `${SESSION_OF[field]}:${value}`);
    }
    const newest = await query
      .orderBy('last_seen_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (!newest) continue;
    if (product_id) return newest;
    if (isPerson) {
      if (!(await hasSeveralProducts(tx, memory))) return newest;
      isUncertain = true;
      continue;
    }
    const other = await query
      .where('product_id', '!=', newest.product_id)
      .limit(1)
      .executeTakeFirst();
    return other ? 'ambiguous' : newest;
  }
  return isUncertain ? 'ambiguous' : undefined;
}

/** The product of the shipped workflows' sample data, whose visitor is no real person. */
export const SAMPLE_PRODUCT = 'sample-product';

/**
 * Whether a memory holds sessions of several products. The sample data is none of them, or trying it out would keep
 * real visitors from being linked. Reads both ends of an index, however many sessions there are.
 */
export async function hasSeveralProducts(tx: Tx, memory: string): Promise<boolean> {
  const end = async (order: 'asc' | 'desc') =>
    await tx
      .selectFrom('autoplay_session')
      .select('product_id')
      .where('memory', '=', memory)
      .where('product_id', '!=', SAMPLE_PRODUCT)
      .orderBy('product_id', order)
      .limit(1)
      .executeTakeFirst();
  return (await end('asc'))?.product_id !== (await end('desc'))?.product_id;
}

/** A conversation, and what narrows down its sessions. */
interface Conversation {
  chat: string;
  conversation_id: string;
  product_id?: string | undefined;
  session_id?: string | undefined;
}

/** The session that is linked to a conversation; of several, the one seen last. */
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
    .where(ofChat('autoplay_link.chat', chat))
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
