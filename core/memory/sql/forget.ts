import { namesOf } from '../../identity';
import type { ForgetQuery, Forgotten } from '../types';
import { productOf } from '../chatKey';
import { forgetActs } from './acts';
import { forgetPersons } from './histories';
import { forgetOffers } from './offerUpkeep';
import type { PersonName } from './persons';
import { chunks, lockRows } from './sessions';
import { emptyLog } from './shrink';
import type { Database, SqlContext, Tx } from './tables';
import { transact } from './transactions';

/** See {@link SessionMemory.forget}. */
export async function forget({ db, clock }: SqlContext, given: ForgetQuery): Promise<Forgotten> {
  const query = namesOf(given);
  const now = clock.now();
  let erasing: { sessions: number[]; waiting: number[]; result: Forgotten } | undefined;
  try {
    await transact(db, async (tx) => {
      erasing = undefined;
      const sessions = await lockRows(tx, await sessionsOf(tx, query));
      const waiting = await waitingLinksOf(tx, query);
      for (const rows of chunks(waiting)) {
        await tx.deleteFrom('autoplay_waiting_link').where('id', 'in', rows).execute();
      }
      const left = await notesOf(tx, sessions);
      const names = personsIn(query);
      if (names.length > 0) {
        await forgetPersons(tx, [...names, ...(await namesOfAll(tx, sessions))], query);
      }
      const offers = await forgetOffers(tx, query, sessions, now);
      const erased = await eraseSessions(tx, sessions);
      erasing = {
        sessions,
        waiting,
        result: { ...erased, waiting_links: waiting.length, offers, ...left },
      };
    });
  } catch (error) {
    // If only the answer to the commit was lost, this result is all that says which notes are left.
    if (!erasing || !(await areGone(db, erasing).catch(() => false))) throw error;
  }
  if (erasing) forgetActs(db, erasing.sessions);
  // A failure must not hide the result, which alone says what is to be redacted. The next expiry empties the log, too.
  await emptyLog(db).catch(() => undefined);
  return erasing!.result;
}

/** Whether the rows were erased; false if there were none. */
async function areGone(db: Database, rows: { sessions: number[]; waiting: number[] }) {
  const [session] = rows.sessions;
  const [waiting] = rows.waiting;
  const table = session === undefined ? 'autoplay_waiting_link' : 'autoplay_session';
  const id = session ?? waiting;
  if (id === undefined) return false;
  // All rows are erased together, so one is enough to know.
  const row = await db.selectFrom(table).select('id').where('id', '=', id).executeTakeFirst();
  return row === undefined;
}

const NAMES = ['user_id', 'email'] as const;

function personsIn(query: ForgetQuery): PersonName[] {
  return NAMES.flatMap((kind) => {
    const value = query[kind];
    return value ? [{ kind, value }] : [];
  });
}

/** Every name that the visitors of these sessions have gone by. */
async function namesOfAll(tx: Tx, sessionRowIds: readonly number[]): Promise<PersonName[]> {
  const names: PersonName[] = [];
  for (const rows of chunks(sessionRowIds)) {
    const some = tx.selectFrom('autoplay_identity').select(['kind', 'value']);
    names.push(...(await some.where('session', 'in', rows).distinct().execute()));
  }
  return names;
}

/** The row ids of the sessions that have ever gone by one of the names. */
async function sessionsOf(tx: Tx, { session_id, memory, product_id, ...names }: ForgetQuery) {
  const found = new Set<number>();
  // Selects whole rows: for columns that the key contains, SQLite would scan all keys of the memory.
  const sessions = tx.selectFrom('autoplay_session').selectAll();
  const add = async (matching: typeof sessions) => {
    for (const row of await matching.execute()) {
      const isMeant = memory === undefined || row.memory === memory;
      if (isMeant && (!product_id || row.product_id === product_id)) found.add(row.id);
    }
  };
  if (session_id) {
    const named = sessions.where('session_id', '=', session_id);
    await add(memory === undefined ? named : named.where('memory', '=', memory));
  }
  for (const kind of NAMES) {
    const value = names[kind];
    if (!value) continue;
    const known = await tx
      .selectFrom('autoplay_identity')
      .select('session')
      .where('value', '=', value)
      .where('kind', '=', kind)
      .execute();
    // By row id alone: with a condition on the memory, SQLite would scan the whole memory.
    for (const rows of chunks(known.map(({ session }) => session))) {
      await add(sessions.where('id', 'in', rows));
    }
  }
  return [...found];
}

/** Row ids of waiting conversations. One that names no product may be waiting for the product that is named here. */
async function waitingLinksOf(tx: Tx, { memory, product_id, ...names }: ForgetQuery) {
  const found = new Set<number>();
  for (const name of ['session_id', ...NAMES] as const) {
    const value = names[name];
    if (!value) continue;
    let query = tx
      .selectFrom('autoplay_waiting_link')
      .select(['id', 'product_id'])
      .where(name, '=', value);
    if (memory !== undefined) query = query.where('memory', '=', memory);
    for (const row of await query.execute()) {
      if (!product_id || row.product_id === null || row.product_id === product_id)
        found.add(row.id);
    }
  }
  return [...found];
}

type Notes = Pick<Forgotten, 'notes' | 'notes_without_id'>;

/** The notes of sessions that have not been redacted. */
async function notesOf(tx: Tx, sessionRowIds: readonly number[]): Promise<Notes> {
  const notes: Forgotten['notes'] = [];
  // A conversation may have several notes.
  const withoutId = new Map<string, Forgotten['notes_without_id'][number]>();
  for (const rows of chunks(sessionRowIds)) {
    const standing = await tx
      .selectFrom('autoplay_note')
      .innerJoin('autoplay_link', 'autoplay_link.id', 'autoplay_note.link')
      .select(['chat', 'conversation_id', 'note_id'])
      .where('autoplay_link.session', 'in', rows)
      .where('state', '!=', 'redacted')
      .execute();
    for (const { chat: key, conversation_id, note_id } of standing) {
      const chat = productOf(key);
      if (note_id !== null) notes.push({ chat, conversation_id, note_id });
      else withoutId.set(JSON.stringify([chat, conversation_id]), { chat, conversation_id });
    }
  }
  return { notes, notes_without_id: [...withoutId.values()] };
}

/** Erases sessions with everything that belongs to them. */
export async function eraseSessions(
  tx: Tx,
  sessionRowIds: readonly number[],
): Promise<Omit<Forgotten, keyof Notes | 'waiting_links' | 'offers'>> {
  const erased = { sessions: 0, actions: 0, summaries: 0, links: 0 };
  for (const rows of chunks(sessionRowIds)) {
    await tx
      .deleteFrom('autoplay_note')
      .where('link', 'in', (eb) =>
        eb.selectFrom('autoplay_link').select('id').where('session', 'in', rows),
      )
      .execute();
    for (const table of ['autoplay_identity', 'autoplay_watch'] as const) {
      await tx.deleteFrom(table).where('session', 'in', rows).execute();
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
