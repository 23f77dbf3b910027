import type { ForgetQuery, Forgotten } from '../types';
import { chunks, lockRows } from './sessions';
import type { SqlContext, Tx } from './tables';
import { transact } from './transactions';

/** See {@link SessionMemory.forget}. */
export async function forget({ db }: SqlContext, query: ForgetQuery): Promise<Forgotten> {
  const { session_id, user_id, memory } = query;
  const email = query.email?.toLowerCase();
  const ids = Object.entries({ session_id, user_id, email }).filter(([, value]) => value);
  if (ids.length === 0) return nothing();
  return await transact(db, async (tx) => {
    const matching = async (table: 'autoplay_session' | 'autoplay_waiting_link') => {
      let query = tx
        .selectFrom(table)
        .select('id')
        .where((eb) => eb.or(ids.map(([field, value]) => eb(field as 'user_id', '=', value!))));
      if (memory !== undefined) query = query.where('memory', '=', memory);
      return (await query.execute()).map(({ id }) => id);
    };
    const sessions = await lockRows(tx, await matching('autoplay_session'));
    for (const rows of chunks(await matching('autoplay_waiting_link'))) {
      await tx.deleteFrom('autoplay_waiting_link').where('id', 'in', rows).execute();
    }
    return await eraseSessions(tx, sessions);
  });
}

/** Erases sessions with everything that hangs on them. */
export async function eraseSessions(tx: Tx, sessionRows: readonly number[]): Promise<Forgotten> {
  const erased = nothing();
  for (const rows of chunks(sessionRows)) {
    const links = await tx
      .selectFrom('autoplay_link')
      .select('id')
      .where('session', 'in', rows)
      .execute();
    for (const ids of chunks(links.map(({ id }) => id))) {
      const standing = await tx
        .selectFrom('autoplay_note')
        .innerJoin('autoplay_link', 'autoplay_link.id', 'autoplay_note.link')
        .select(['chat', 'conversation_id', 'note_id'])
        .where('link', 'in', ids)
        .where('state', '=', 'standing')
        .execute();
      for (const { chat, conversation_id, note_id } of standing) {
        if (note_id !== null) erased.notes.push({ chat, conversation_id, note_id });
      }
      await tx.deleteFrom('autoplay_note').where('link', 'in', ids).execute();
    }
    const count = async (table: 'autoplay_link' | 'autoplay_summary' | 'autoplay_action') => {
      const result = await tx.deleteFrom(table).where('session', 'in', rows).executeTakeFirst();
      return Number(result.numDeletedRows);
    };
    erased.links += await count('autoplay_link');
    erased.summaries += await count('autoplay_summary');
    erased.actions += await count('autoplay_action');
    const sessions = await tx
      .deleteFrom('autoplay_session')
      .where('id', 'in', rows)
      .executeTakeFirst();
    erased.sessions += Number(sessions.numDeletedRows);
  }
  return erased;
}

function nothing(): Forgotten {
  return { sessions: 0, actions: 0, summaries: 0, links: 0, notes: [] };
}
