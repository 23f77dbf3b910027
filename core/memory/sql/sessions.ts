import type { Selectable } from 'kysely';
import type { SessionInfo, SessionRef } from '../types';
import { sessionName } from '../../identity';
import { productOf } from '../chatKey';
import { ofChat } from './chats';
import type { Tables, Tx } from './tables';
import { isShared } from './transactions';

export type SessionRow = Selectable<Tables['autoplay_session']>;
export type LinkRow = Selectable<Tables['autoplay_link']>;

/**
 * Powers of two. PostgreSQL and SQLite both bound the parameters of one statement; these are half of what they allow,
 * or less.
 */
const ROWS_AT_ONCE = { embedded: 256, server: 2_048 };

/**
 * Splits rows into pieces that fit one statement. The sizes are powers of two, so that few distinct statements are
 * prepared and kept, however many rows there are each time. In a transaction on a server, which keeps no statements and
 * is further away, the pieces are as few as possible.
 */
export function chunks<T>(rows: readonly T[], tx?: Tx): T[][] {
  const isServer = tx !== undefined && isShared(tx);
  const most = isServer ? ROWS_AT_ONCE.server : ROWS_AT_ONCE.embedded;
  const pieces: T[][] = [];
  for (let from = 0; from < rows.length; from += pieces.at(-1)!.length) {
    const left = Math.min(rows.length - from, most);
    pieces.push(rows.slice(from, from + (isServer ? left : 2 ** Math.floor(Math.log2(left)))));
  }
  return pieces;
}

/** A session, locked. A session that has outlived its retention is not found, even before it is erased. */
export async function findSession(
  tx: Tx,
  ref: SessionRef,
  now: number,
): Promise<SessionRow | undefined> {
  return await tx
    .selectFrom('autoplay_session')
    .selectAll()
    .where('memory', '=', ref.memory)
    .where('product_id', '=', ref.product_id)
    .where('session_id', '=', ref.session_id)
    .where('expires_at', '>', now)
    .$if(isShared(tx), (query) => query.forUpdate())
    .executeTakeFirst();
}

/** Locks sessions that were found without a lock. Returns them as they are by then, without those that were erased. */
export async function lockSessions(tx: Tx, rows: readonly SessionRow[]): Promise<SessionRow[]> {
  if (!isShared(tx)) return [...rows];
  return await lockedRows(
    tx,
    rows.map(({ id }) => id),
  );
}

/** The same by row ids. */
export async function lockRows(tx: Tx, rowIds: readonly number[]): Promise<number[]> {
  if (!isShared(tx)) return [...rowIds];
  return (await lockedRows(tx, rowIds)).map(({ id }) => id);
}

/** All transactions that lock several sessions do it in one order, or two of them could wait for each other. */
async function lockedRows(tx: Tx, rowIds: readonly number[]): Promise<SessionRow[]> {
  const locked: SessionRow[] = [];
  for (const ids of chunks(
    rowIds.toSorted((a, b) => a - b),
    tx,
  )) {
    const query = tx.selectFrom('autoplay_session').selectAll().where('id', 'in', ids);
    locked.push(...(await query.orderBy('id').forUpdate().execute()));
  }
  return locked;
}

/** Locks the session of a link. */
export async function lockSessionOf(tx: Tx, linkId: number): Promise<void> {
  if (!isShared(tx)) return;
  await tx
    .selectFrom('autoplay_link')
    .innerJoin('autoplay_session', 'autoplay_session.id', 'autoplay_link.session')
    .select('autoplay_session.id')
    .where('autoplay_link.id', '=', linkId)
    .forUpdate('autoplay_session')
    .execute();
}

/** The session's living link, if any. Locked as well, because claims on it change without the session's lock. */
export async function findLink(
  tx: Tx,
  sessionRowId: number,
  chat: string,
): Promise<LinkRow | undefined> {
  const links = await tx
    .selectFrom('autoplay_link')
    .selectAll()
    .where('session', '=', sessionRowId)
    .where(ofChat('chat', chat))
    .where('ended_at', 'is', null)
    .orderBy('id')
    .$if(isShared(tx), (query) => query.forUpdate())
    .execute();
  // A link that names its workspace comes before one that does not.
  return links.find((link) => link.chat === chat) ?? links[0];
}

/** What callers get of each session, with its links by chat product; by row id. */
export async function sessionInfos(
  tx: Tx,
  rows: readonly SessionRow[],
): Promise<Map<number, SessionInfo>> {
  const infos = new Map<number, SessionInfo>();
  for (const row of rows) {
    const { memory, product_id, session_id, user_id, email, stream_conversation_id } = row;
    const ref = { memory, product_id, session_id };
    infos.set(row.id, { ...ref, user_id, email, stream_conversation_id, links: {} });
  }
  for (const ids of chunks([...infos.keys()], tx)) {
    const links = await tx
      .selectFrom('autoplay_link')
      .select(['session', 'chat', 'conversation_id'])
      .where('session', 'in', ids)
      .where('ended_at', 'is', null)
      .orderBy('id')
      .execute();
    for (const link of links) {
      const info = infos.get(link.session);
      if (info) info.links[productOf(link.chat)] ??= link.conversation_id;
    }
  }
  return infos;
}

export async function sessionInfo(tx: Tx, row: SessionRow): Promise<SessionInfo> {
  const info = (await sessionInfos(tx, [row])).get(row.id);
  if (!info) throw new Error(`While it was read, ${sessionName(row.session_id)} vanished`);
  return info;
}
