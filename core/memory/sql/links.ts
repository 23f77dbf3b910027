import type { LinkOutcome, LinkRequest, LinkStatus } from '../types';
import { LOOK_AGAIN_MS } from './remember';
import { findLink, sessionInfo, type LinkRow, type SessionRow } from './sessions';
import type { SqlContext, Tx } from './tables';

/** See {@link SessionMemory.link}. */
export async function link(
  { db, clock }: SqlContext,
  memory: string,
  given: LinkRequest,
  retentionMs: number,
): Promise<LinkOutcome> {
  const request = { ...given, email: given.email?.toLowerCase() };
  return await db.transaction().execute(async (tx) => {
    const found = await newestSession(tx, memory, request);
    if (found === 'ambiguous') return { status: 'ambiguous', session: null };
    if (!found) {
      await keepWaiting(tx, memory, request, clock.now(), retentionMs);
      return { status: 'waiting', session: null };
    }
    const status = await linkSession(tx, found, request, clock.now(), true);
    return { status, session: await sessionInfo(tx, found) };
  });
}

/**
 * The session's link for a chat product; one that waits for this visitor, or else the conversation
 * that the stream itself named, becomes it now.
 */
export async function findOrMakeLink(
  tx: Tx,
  session: SessionRow,
  chat: string,
  now: number,
): Promise<LinkRow | undefined> {
  const alive = await findLink(tx, session.id, chat);
  if (alive) return alive;
  const conversationId =
    (await waitingConversation(tx, session, chat)) ?? session.stream_conversation_id;
  if (!conversationId) return undefined;
  await linkSession(tx, session, { chat, conversation_id: conversationId }, now, false);
  return await findLink(tx, session.id, chat);
}

/** @param reopen a conversation that was found gone is believed to be back (its webhook came) */
async function linkSession(
  tx: Tx,
  session: SessionRow,
  { chat, conversation_id }: { chat: string; conversation_id: string },
  now: number,
  reopen: boolean,
): Promise<LinkStatus> {
  const alive = await findLink(tx, session.id, chat);
  if (alive) {
    return alive.conversation_id === conversation_id ? 'already_linked' : 'linked_elsewhere';
  }
  const fresh = { linked_at: now, due_at: now + LOOK_AGAIN_MS, looks: 0, ended_at: null };
  await tx
    .insertInto('autoplay_link')
    .values({ ...fresh, session: session.id, chat, conversation_id, recalled_seq: 0, failures: 0 })
    .onConflict((conflict) => {
      const again = conflict.columns(['session', 'chat', 'conversation_id']);
      const anew = { ...fresh, delivered_seq: null, lease: null, lease_until: null, failures: 0 };
      return reopen ? again.doUpdateSet(anew) : again.doNothing();
    })
    .execute();
  await tx
    .deleteFrom('autoplay_waiting_link')
    .where('memory', '=', session.memory)
    .where('chat', '=', chat)
    .where('conversation_id', '=', conversation_id)
    .execute();
  return 'linked';
}

/** The ladder of identities, from the surest down; within one, the session seen last. */
const LADDER = ['session_id', 'user_id', 'email'] as const;

export interface Identity {
  product_id?: string | undefined;
  session_id?: string | undefined;
  user_id?: string | undefined;
  email?: string | undefined;
}

/** `ambiguous` when two products know this identity: taking either could show a stranger's activity. */
export async function newestSession(
  tx: Tx,
  memory: string,
  identity: Identity,
): Promise<SessionRow | 'ambiguous' | undefined> {
  for (const field of LADDER) {
    const value = identity[field];
    if (!value) continue;
    let query = tx
      .selectFrom('autoplay_session')
      .selectAll()
      .where('memory', '=', memory)
      .where(field, '=', value);
    if (identity.product_id) query = query.where('product_id', '=', identity.product_id);
    const rows = await query.orderBy('last_seen_at', 'desc').orderBy('id', 'desc').execute();
    const [newest] = rows;
    if (!newest) continue;
    return rows.some((row) => row.product_id !== newest.product_id) ? 'ambiguous' : newest;
  }
  return undefined;
}

async function keepWaiting(
  tx: Tx,
  memory: string,
  request: LinkRequest,
  now: number,
  retentionMs: number,
): Promise<void> {
  const { chat, conversation_id, product_id, session_id, user_id, email } = request;
  if (!session_id && !user_id && !email) return;
  const whom = {
    product_id: product_id ?? null,
    session_id: session_id ?? null,
    user_id: user_id ?? null,
    email: email ?? null,
    created_at: now,
    expires_at: now + retentionMs,
  };
  await tx
    .insertInto('autoplay_waiting_link')
    .values({ memory, chat, conversation_id, ...whom })
    .onConflict((c) => c.columns(['memory', 'chat', 'conversation_id']).doUpdateSet(whom))
    .execute();
}

async function waitingConversation(tx: Tx, session: SessionRow, chat: string) {
  for (const field of LADDER) {
    const value = session[field];
    if (!value) continue;
    const waiting = await tx
      .selectFrom('autoplay_waiting_link')
      .selectAll()
      .where('memory', '=', session.memory)
      .where('chat', '=', chat)
      .where(field, '=', value)
      .where((or) => or('product_id', 'is', null).or('product_id', '=', session.product_id))
      .orderBy('created_at', 'desc')
      .executeTakeFirst();
    if (!waiting) continue;
    // Another product's visitor may go by the same user id: only a named product is safe then.
    if (waiting.product_id === null && field !== 'session_id') {
      const other = await tx
        .selectFrom('autoplay_session')
        .select('id')
        .where('memory', '=', session.memory)
        .where('product_id', '!=', session.product_id)
        .executeTakeFirst();
      if (other) continue;
    }
    return waiting.conversation_id;
  }
  return undefined;
}
