import { sql } from 'kysely';
import type { SessionBatch } from '../../payload/types';
import { eraseSessions } from './forget';
import { partWith } from './offerUpkeep';
import { chunks, type SessionRow } from './sessions';
import { sessionName } from '../../identity';
import type { Tx } from './tables';
import { isShared } from './transactions';

/** When a session was seen and until when it is kept. */
type Times = Pick<SessionRow, 'last_seen_at' | 'expires_at'>;

type Key = Pick<SessionBatch, 'product_id' | 'session_id'>;

/** The sessions of batches, as `openSessions` found or made them. */
export interface OpenSessions {
  of(key: Key): SessionRow;
  /** Replaces the session's row. */
  set(row: SessionRow): void;
  all(): SessionRow[];
}

const MOST_ATTEMPTS = 5;

/**
 * The sessions of all batches, locked; new ones are made. A session that has outlived its retention is erased first:
 * what happens next is another session with the same id.
 */
export async function openSessions(
  tx: Tx,
  memory: string,
  batches: readonly SessionBatch[],
  times: Times,
): Promise<OpenSessions> {
  const wanted = new Map(batches.map((batch) => [keyOf(batch), batch]));
  const found = new Map<string, SessionRow>();
  const missing = () => [...wanted].filter(([key]) => !found.has(key)).map(([, batch]) => batch);
  const find = async () => {
    const over: number[] = [];
    for (const row of await findSessions(tx, memory, missing())) {
      if (await isOver(tx, row, times)) over.push(row.id);
      else found.set(keyOf(row), row);
    }
    await partWith(tx, over, times.last_seen_at);
    await eraseSessions(tx, over);
  };
  // On a server, locks are taken in one order: new rows by their names, then all rows by their ids.
  if (isShared(tx)) await makeMissing(tx, memory, missing(), times);
  await find();
  // More than one attempt is needed only if another transaction erases the rows that kept this one from making its own.
  for (let left = MOST_ATTEMPTS; left > 0 && missing().length > 0; left--) {
    await makeSessions(tx, memory, missing(), times);
    await find();
  }
  return {
    of(key) {
      const row = found.get(keyOf(key));
      if (!row) throw new Error(`What ${sessionName(key.session_id)} brought could not be stored`);
      return row;
    },
    set: (row) => void found.set(keyOf(row), row),
    all: () => [...found.values()],
  };
}

/** The pause that ends a visit, in milliseconds; analytics commonly use the same. */
const PAUSE_MS = 30 * 60_000;

/**
 * Whether a session has outlived its retention. The session of a person without a session id (see `parseFrame`) also
 * ends with a visit, once it began longer ago than the retention: otherwise the session of a daily visitor would never
 * end.
 */
async function isOver(
  tx: Tx,
  { id, session_id, expires_at, last_seen_at }: SessionRow,
  times: Times,
): Promise<boolean> {
  const now = times.last_seen_at;
  if (expires_at <= now) return true;
  if (!/^(user|email):/.test(session_id) || now - last_seen_at < PAUSE_MS) return false;
  const first = await tx
    .selectFrom('autoplay_action')
    .select('at')
    .where('session', '=', id)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  return first !== undefined && first.at <= now - (times.expires_at - now);
}

async function makeSessions(
  tx: Tx,
  memory: string,
  keys: readonly Key[],
  times: Times,
): Promise<void> {
  const row = { memory, last_seq: 0, summarized_seq: 0, summary_failures: 0, ...times };
  for (const some of chunks(keys, tx)) {
    await tx
      .insertInto('autoplay_session')
      .values(some.map(({ product_id, session_id }) => ({ ...row, product_id, session_id })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/**
 * Makes the missing sessions without locking existing ones. It may wait for another transaction that makes the same
 * sessions, and that one must not be waiting for locks of this one.
 */
async function makeMissing(tx: Tx, memory: string, keys: readonly Key[], times: Times) {
  await sql`
    insert into autoplay_session
      (memory, product_id, session_id, last_seq, summarized_seq, summary_failures, last_seen_at, expires_at)
    select ${memory}, product_id, session_id, 0, 0, 0, ${times.last_seen_at}::bigint, ${times.expires_at}::bigint
    from ${wanted(keys)}
    where not exists (
      select from autoplay_session s
      where s.memory = ${memory} and s.product_id = wanted.product_id and s.session_id = wanted.session_id
    )
    order by product_id, session_id
    on conflict do nothing`.execute(tx);
}

/** Keys of sessions as a table, on a server. */
function wanted(keys: readonly Key[]) {
  const products = keys.map(({ product_id }) => product_id);
  const sessions = keys.map(({ session_id }) => session_id);
  return sql`unnest(${products}::text[], ${sessions}::text[]) as wanted (product_id, session_id)`;
}

/** The sessions with these keys that are known, in any order; on a server locked. */
export async function findSessions(
  tx: Tx,
  memory: string,
  keys: readonly Key[],
): Promise<SessionRow[]> {
  if (keys.length === 0) return [];
  if (isShared(tx)) {
    const { rows } = await sql<SessionRow>`
      select s.* from ${wanted(keys)}
      join autoplay_session s using (product_id, session_id)
      where s.memory = ${memory} order by s.id for update of s`.execute(tx);
    return rows;
  }
  const rows: SessionRow[] = [];
  for (const [product, ofProduct = []] of Object.entries(
    Object.groupBy(keys, ({ product_id }) => product_id),
  )) {
    for (const some of chunks(ofProduct)) {
      const ids = some.map(({ session_id }) => session_id);
      const stored = await tx
        .selectFrom('autoplay_session')
        .selectAll()
        .where('memory', '=', memory)
        .where('product_id', '=', product)
        .where('session_id', 'in', ids)
        .execute();
      rows.push(...stored);
    }
  }
  return rows;
}

/** The columns that say whose a session is; written only for sessions in which one of them changed. */
export const NAME_COLUMNS = [
  'user_id',
  'email',
  'stream_conversation_id',
  'stream_named_at',
  'person_from_seq',
  'project_url',
] as const;

/** Stores the progress of sessions, and for those in `renamed` also whose they are. */
export async function updateSessions(
  tx: Tx,
  rows: readonly SessionRow[],
  renamed: ReadonlySet<number>,
): Promise<void> {
  const progress = ['last_seq', 'summarized_seq', 'last_seen_at', 'expires_at'] as const;
  // Writing a column updates its index, even if the value is the same.
  const groups = [
    { columns: progress, rows: rows.filter(({ id }) => !renamed.has(id)) },
    { columns: [...progress, ...NAME_COLUMNS], rows: rows.filter(({ id }) => renamed.has(id)) },
  ];
  for (const group of groups) {
    for (const some of chunks(group.rows, tx)) {
      // The rows exist, so this updates many rows at once, each with values of its own.
      await tx
        .insertInto('autoplay_session')
        .values(some)
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet((eb) => {
            const set = group.columns.map((column) => [column, eb.ref(`excluded.${column}`)]);
            return Object.fromEntries(set) as Record<string, ReturnType<typeof eb.ref>>;
          }),
        )
        .execute();
    }
  }
}

/** Tells the sessions of a memory apart. */
export function keyOf({ product_id, session_id }: Key): string {
  // Ids contain no null characters, which databases could not store.
  return `${product_id}\0${session_id}`;
}
