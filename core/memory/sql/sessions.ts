import type { Selectable } from 'kysely';
import type { SessionInfo, SessionRef } from '../types';
import { sessionName } from '../../text/sessionName';
import type { Tables, Tx } from './tables';

export type SessionRow = Selectable<Tables['autoplay_session']>;
export type LinkRow = Selectable<Tables['autoplay_link']>;

/** A power of two. PostgreSQL and SQLite both bound the parameters of one statement; far fewer are used. */
const ROWS_AT_ONCE = 256;

/**
 * The rows in pieces that fit one statement. Their sizes are powers of two, so that statements of
 * few lengths are prepared and kept, however many rows there are each time.
 */
export function chunks<T>(rows: readonly T[]): T[][] {
  const pieces: T[][] = [];
  for (let from = 0; from < rows.length; from += pieces.at(-1)!.length) {
    const left = Math.min(rows.length - from, ROWS_AT_ONCE);
    pieces.push(rows.slice(from, from + 2 ** Math.floor(Math.log2(left))));
  }
  return pieces;
}

export async function findSession(tx: Tx, ref: SessionRef): Promise<SessionRow | undefined> {
  return await tx
    .selectFrom('autoplay_session')
    .selectAll()
    .where('memory', '=', ref.memory)
    .where('product_id', '=', ref.product_id)
    .where('session_id', '=', ref.session_id)
    .executeTakeFirst();
}

/** The session's link that is alive, if any. */
export async function findLink(
  tx: Tx,
  sessionRow: number,
  chat: string,
): Promise<LinkRow | undefined> {
  return await tx
    .selectFrom('autoplay_link')
    .selectAll()
    .where('session', '=', sessionRow)
    .where('chat', '=', chat)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
}

/** What callers are told of a session, with its links by chat product. */
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
  for (const ids of chunks([...infos.keys()])) {
    const links = await tx
      .selectFrom('autoplay_link')
      .select(['session', 'chat', 'conversation_id'])
      .where('session', 'in', ids)
      .where('ended_at', 'is', null)
      .orderBy('id')
      .execute();
    for (const link of links) {
      const info = infos.get(link.session);
      if (info) info.links[link.chat] = link.conversation_id;
    }
  }
  return infos;
}

export async function sessionInfo(tx: Tx, row: SessionRow): Promise<SessionInfo> {
  const info = (await sessionInfos(tx, [row])).get(row.id);
  if (!info) throw new Error(`While it was read, ${sessionName(row.session_id)} vanished`);
  return info;
}
