import { namesOf } from '../../identity';
import type { LinkOutcome, LinkRequest, LinkStatus, NoteRules, SessionRef } from '../types';
import { hasSeveralProducts, isSessionOf, linkedSession, newestSession } from './find';
import {
  chunks,
  findLink,
  lockSessions,
  sessionInfo,
  type LinkRow,
  type SessionRow,
} from './sessions';
import { productOf } from '../chatKey';
import { ofChat } from './chats';
import { spokeIn } from './conversations';
import { LOOK_AGAIN_MS, type SqlContext, type Tx } from './tables';
import { isShared, lockMemory, transact } from './transactions';

/** See {@link SessionMemory.link}. */
export async function link(
  context: SqlContext,
  memory: string,
  given: LinkRequest,
  retentionMs: number,
): Promise<LinkOutcome> {
  const { db, clock } = context;
  const request = namesOf(given);
  const outcome = await transact(db, async (tx): Promise<LinkOutcome> => {
    const find = async () => await sessionMeant(tx, memory, request, clock.now());
    const isAwaited = await isUnknown(tx, memory, request, clock.now());
    if (isAwaited) await lockMemory(tx, memory, 'missing');
    let found = await find();
    if (!found && !isAwaited) {
      await lockMemory(tx, memory, 'missing');
      found = await find();
    }
    if (found === 'ambiguous') return { status: 'ambiguous', session: null };
    // The session that is linked may be another one than the one that was named and is not known yet.
    const isAnother = found && request.session_id && found.session_id !== request.session_id;
    if (!found || isAnother) await keepWaiting(tx, memory, request, clock.now(), retentionMs);
    if (!found) return { status: 'waiting', session: null };
    const status = await linkSession(tx, found, request, clock.now(), true);
    return { status, session: await sessionInfo(tx, found) };
  });
  // By itself, because it locks links of other sessions, too.
  if (request.hasMessage !== false) await spokeIn(context, memory, request);
  return outcome;
}

/** Whether a request names a session that is not known (yet). */
async function isUnknown(tx: Tx, memory: string, request: LinkRequest, now: number) {
  const { product_id, session_id } = request;
  if (!session_id) return false;
  return (await newestSession(tx, memory, { product_id, session_id }, now)) === undefined;
}

/** See {@link SessionMemory.conversationOf}. */
export async function conversationOf(
  { db, clock }: SqlContext,
  { memory, product_id, session_id }: SessionRef,
  chat: string,
): Promise<string | null> {
  const link = await db
    .selectFrom('autoplay_link')
    .innerJoin('autoplay_session', 'autoplay_session.id', 'autoplay_link.session')
    .select('autoplay_link.conversation_id')
    .where('autoplay_session.memory', '=', memory)
    .where('autoplay_session.product_id', '=', product_id)
    .where('autoplay_session.session_id', '=', session_id)
    .where('autoplay_session.expires_at', '>', clock.now())
    .where(ofChat('autoplay_link.chat', chat))
    .where('autoplay_link.ended_at', 'is', null)
    .executeTakeFirst();
  return link?.conversation_id ?? null;
}

/** The session that a request means, locked. */
async function sessionMeant(tx: Tx, memory: string, request: LinkRequest, now: number) {
  const stream_conversation_id = request.conversation_id;
  const { session_id, user_id, email } = request;
  for (;;) {
    let found = await newestSession(tx, memory, { ...request, stream_conversation_id }, now);
    // If a person is named and not known, they may still turn up; else take the session that the conversation is linked
    // to.
    if (!found && !session_id && !user_id && !email) {
      found = await linkedSession(tx, memory, request, now);
    }
    if (!found || found === 'ambiguous') return found;
    const [locked] = await lockSessions(tx, [found]);
    // It was erased a moment ago; there may be another one.
    if (locked) return locked;
  }
}

/**
 * The session's link for a chat product. If there is none, the conversation that the stream itself named is linked now,
 * provided that it is one of this chat product.
 */
export async function findOrMakeLink(
  tx: Tx,
  session: SessionRow,
  chat: string,
  rules: Pick<NoteRules, 'ownsConversation'>,
  now: number,
): Promise<LinkRow | undefined> {
  const alive = await findLink(tx, session.id, chat);
  if (alive) return alive;
  const conversation_id = session.stream_conversation_id;
  if (!conversation_id || !rules.ownsConversation(productOf(chat), conversation_id))
    return undefined;
  // That conversation was found gone, or is in another workspace.
  const known = await tx
    .selectFrom('autoplay_link')
    .select('id')
    .where('session', '=', session.id)
    .where(ofChat('chat', productOf(chat)))
    .where('conversation_id', '=', conversation_id)
    .executeTakeFirst();
  if (known) return undefined;
  await linkSession(tx, session, { chat, conversation_id }, now, false);
  return await findLink(tx, session.id, chat);
}

/** @param reopen whether to believe that a conversation that was found gone exists again, because its webhook came */
async function linkSession(
  tx: Tx,
  session: SessionRow,
  { chat, conversation_id }: { chat: string; conversation_id: string },
  now: number,
  reopen: boolean,
): Promise<LinkStatus> {
  const alive = await findLink(tx, session.id, chat);
  if (alive) {
    if (alive.conversation_id !== conversation_id) return 'linked_elsewhere';
    // Now the workspace is known.
    if (alive.chat === productOf(chat) && alive.chat !== chat) {
      await tx.updateTable('autoplay_link').set({ chat }).where('id', '=', alive.id).execute();
    }
    return 'already_linked';
  }
  // Delivery may link a conversation long after the stream named it.
  const named = session.stream_conversation_id === conversation_id && session.stream_named_at;
  const linked_at = named ? Math.min(named, now) : now;
  const fresh = { linked_at, due_at: now + LOOK_AGAIN_MS, looks: 0, ended_at: null };
  const whose = { memory: session.memory, session: session.id, chat, conversation_id };
  await tx
    .insertInto('autoplay_link')
    .values({ ...fresh, ...whose, recalled_seq: 0, failures: 0 })
    .onConflict((conflict) => {
      const again = conflict.columns(['session', 'chat', 'conversation_id']);
      const idle = { lease: null, redact_lease: null, failures: 0, redact_retry_at: null };
      const untold = { delivered_seq: null, closed_at: null, paused_until: null };
      const anew = { ...fresh, ...idle, redact_failures: 0, ...untold };
      return reopen ? again.doUpdateSet(anew) : again.doNothing();
    })
    .execute();
  await forgetNaming(tx, [session.id]);
  await tx
    .deleteFrom('autoplay_waiting_link')
    .where('memory', '=', session.memory)
    .where(ofChat('chat', chat))
    .where('conversation_id', '=', conversation_id)
    // If the conversation waits for another session by its id, it keeps waiting.
    .where((eb) => eb.or([eb('session_id', 'is', null), eb('session_id', '=', session.session_id)]))
    // If it has the session that a user gets where the stream names none, it also takes the one that the stream names next.
    .where((eb) => eb.or([eb('user_id', 'is', null), eb('user_id', '!=', userOf(session))]))
    .execute();
  return 'linked';
}

/** The user whose session this is where the stream names none; '' for any other session. */
function userOf({ session_id, user_id }: SessionRow): string {
  return user_id !== null && isSessionOf(session_id, 'user_id', user_id) ? user_id : '';
}

/** Sessions that have a link are found by it, so it no longer matters that the stream named their conversation. */
export async function forgetNaming(tx: Tx, sessionRowIds: readonly number[]): Promise<void> {
  for (const rows of chunks(sessionRowIds, tx)) {
    await tx
      .updateTable('autoplay_session')
      .set({ stream_named_at: null })
      .where('id', 'in', rows)
      .where('stream_named_at', 'is not', null)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('autoplay_link')
            .select('autoplay_link.id')
            .whereRef('autoplay_link.session', '=', 'autoplay_session.id')
            .where(({ eb, or, ref }) =>
              or([
                eb('autoplay_link.ended_at', 'is', null),
                // The conversation was found gone, and the stream still names it.
                eb('autoplay_link.conversation_id', '=', ref('stream_conversation_id')),
              ]),
            ),
        ),
      )
      .execute();
  }
}

async function keepWaiting(
  tx: Tx,
  memory: string,
  request: LinkRequest,
  now: number,
  retentionMs: number,
): Promise<void> {
  const { chat, conversation_id, product_id, session_id, user_id, email } = request;
  const before = await tx
    .selectFrom('autoplay_waiting_link')
    .select(['product_id', 'session_id', 'user_id', 'email'])
    .where('memory', '=', memory)
    .where('chat', '=', chat)
    .where('conversation_id', '=', conversation_id)
    .executeTakeFirst();
  // A message that names less does not take back what an earlier one named, unless another person wrote it.
  const isOther = (said: string | undefined, known: string | null | undefined) =>
    Boolean(said && known && said !== known);
  const isAnotherPerson =
    before?.user_id && user_id ? isOther(user_id, before.user_id) : isOther(email, before?.email);
  const kept = isAnotherPerson ? undefined : before;
  const whom = {
    product_id: product_id ?? kept?.product_id ?? null,
    session_id: session_id ?? kept?.session_id ?? null,
    user_id: user_id ?? kept?.user_id ?? null,
    email: email ?? kept?.email ?? null,
    created_at: now,
    expires_at: now + retentionMs,
  };
  await tx
    .insertInto('autoplay_waiting_link')
    .values({ memory, chat, conversation_id, ...whom })
    .onConflict((conflict) => {
      const again = conflict.columns(['memory', 'chat', 'conversation_id']);
      // A message without any name says nothing new.
      return session_id || user_id || email ? again.doUpdateSet(whom) : again.doNothing();
    })
    .execute();
}

/** What a conversation waits by, for each column of a session: a name of its visitor, or the conversation's own id. */
const WAITS_BY = {
  session_id: 'session_id',
  user_id: 'user_id',
  email: 'email',
  stream_conversation_id: 'conversation_id',
} as const;

type KnownBy = keyof typeof WAITS_BY;

const KNOWN_BY = Object.keys(WAITS_BY) as KnownBy[];

/** Links sessions of a memory to the conversations that were waiting for them or for their visitors. */
export async function adoptWaitingLinks(
  tx: Tx,
  memory: string,
  sessions: readonly SessionRow[],
  now: number,
): Promise<void> {
  const awaited = new Set<SessionRow>();
  const waitingRows = new Set<number>();
  // One query for all sessions, because hardly any of them is waited for.
  for (const known of KNOWN_BY) {
    const field = WAITS_BY[known];
    for (const some of chunks(
      sessions.filter((session) => session[known]),
      tx,
    )) {
      const values = [...new Set(some.map((session) => session[known] as string))];
      const waiting = await tx
        .selectFrom('autoplay_waiting_link')
        .select(['id', field])
        .where('memory', '=', memory)
        .where(field, 'in', values)
        .execute();
      for (const { id } of waiting) waitingRows.add(id);
      const found = new Set(waiting.map((row) => row[field]));
      for (const session of some) if (found.has(session[known])) awaited.add(session);
    }
  }
  await lockWaiting(tx, [...waitingRows]);
  for (const session of sessions) {
    if (awaited.has(session)) await adoptForSession(tx, session, now);
  }
}

/** So that only one of two sessions that arrive at the same time gets the conversation. All lock in the same order. */
async function lockWaiting(tx: Tx, rows: readonly number[]): Promise<void> {
  if (!isShared(tx)) return;
  for (const ids of chunks(
    rows.toSorted((a, b) => a - b),
    tx,
  )) {
    await tx
      .selectFrom('autoplay_waiting_link')
      .select('id')
      .where('id', 'in', ids)
      .orderBy('id')
      .forUpdate()
      .execute();
  }
}

async function adoptForSession(tx: Tx, session: SessionRow, now: number): Promise<void> {
  for (const known of KNOWN_BY) {
    const field = WAITS_BY[known];
    const value = session[known];
    if (!value) continue;
    const waiting = await tx
      .selectFrom('autoplay_waiting_link')
      .selectAll()
      .where('memory', '=', session.memory)
      .where(field, '=', value)
      .where('expires_at', '>', now)
      .where((eb) =>
        eb.or([eb('product_id', 'is', null), eb('product_id', '=', session.product_id)]),
      )
      .orderBy('created_at', 'desc')
      .execute();
    for (const conversation of waiting) {
      // With several products, a visitor of another one may have the same user id: only a named product is safe.
      const certain = conversation.product_id !== null || field === 'session_id';
      if (!certain && (await hasSeveralProducts(tx, session.memory))) continue;
      // A conversation that waits for one session by its id does not take another one of the same person.
      const isPerson = field === 'user_id' || field === 'email';
      const isNamed = conversation.session_id !== null;
      if (isPerson && isNamed && !isSessionOf(session.session_id, field, value)) continue;
      await linkSession(tx, session, conversation, now, true);
    }
  }
}
