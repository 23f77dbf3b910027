import { sql } from 'kysely';
import { comparableEmail } from '../../identity';
import type { ListedSession, MemoryName, MemoryStatus, SessionsQuery } from '../types';
import { chunks, sessionInfos, type SessionRow } from './sessions';
import { NEVER, type Database, type SqlContext, type Tx } from './tables';
import { isShared, transact } from './transactions';
import type { Action } from '../../payload/types';

/** How many rows of a memory are counted or searched: a call that reads more would hold up others. */
const MOST_ROWS = 4_000;
/** The same for links with their sessions, which may be several for each. */
const MOST_LINKED = 1_000;
const MOST_MEMORIES = 100;
/** As they stand in the index of sessions by their last activity. */
const IN_MEMORY = sql<string>`memory || ''`;
const LATEST_FIRST = sql`-last_seen_at`;

/** See {@link SessionMemory.listSessions}. */
export async function listSessions(
  { db, clock }: SqlContext,
  memory: string,
  query: SessionsQuery,
): Promise<ListedSession[]> {
  const now = clock.now();
  return await transact(db, async (tx) => {
    const found = await candidates(tx, memory, query, now);
    return await listed(tx, found.slice(0, query.limit));
  });
}

/** The rows to list, in the order of the list. */
async function candidates(
  tx: Tx,
  memory: string,
  { which, text = '', limit }: SessionsQuery,
  now: number,
): Promise<SessionRow[]> {
  const wanted = text.trim().toLowerCase();
  const rows = await (which === 'recent'
    ? recent(tx, memory, now, wanted === '' ? limit : MOST_ROWS)
    : linked(tx, memory, which, now, wanted === '' ? limit : MOST_LINKED));
  if (wanted === '') return rows;
  const fits = ({ user_id, email, session_id }: SessionRow) =>
    [user_id, email, session_id].some((name) => name?.toLowerCase().includes(wanted));
  const fitting = rows.filter(fits);
  if (which !== 'recent' || fitting.length >= limit) return fitting;
  const known = new Set(rows.map(({ id }) => id));
  const exact = await byName(tx, memory, text.trim(), now, limit);
  return [...fitting, ...exact.filter(({ id }) => !known.has(id))];
}

async function recent(tx: Tx, memory: string, now: number, most: number): Promise<SessionRow[]> {
  return await tx
    .selectFrom('autoplay_session')
    .selectAll()
    .where(IN_MEMORY, '=', memory)
    .where('expires_at', '>', now)
    .orderBy(LATEST_FIRST)
    .limit(most)
    .execute();
}

/** Sessions with a living link: by the latest link, or by when the work on it is due. */
async function linked(
  tx: Tx,
  memory: string,
  which: 'linked' | 'waiting',
  now: number,
  most: number,
): Promise<SessionRow[]> {
  const isWaiting = which === 'waiting';
  const rows = await tx
    .selectFrom('autoplay_link')
    .innerJoin('autoplay_session', 'autoplay_session.id', 'autoplay_link.session')
    .selectAll('autoplay_session')
    .where('autoplay_link.memory', '=', memory)
    .where('autoplay_link.ended_at', 'is', null)
    .where('autoplay_session.expires_at', '>', now)
    .$if(isWaiting, (query) =>
      query
        .where('autoplay_link.due_at', 'is not', null)
        .where(
          sql<boolean>`(coalesce(autoplay_link.delivered_seq, 0) < autoplay_session.last_seq
            or autoplay_session.summary_retry_at is not null)`,
        )
        .orderBy('autoplay_link.due_at'),
    )
    .$if(!isWaiting, (query) => query.orderBy('autoplay_link.id', 'desc'))
    // A session may have a link for each chat product.
    .limit(2 * most)
    .execute();
  return [...new Map(rows.map((row) => [row.id, row])).values()].slice(0, most);
}

/** Sessions by a whole id. */
async function byName(
  tx: Tx,
  memory: string,
  name: string,
  now: number,
  most: number,
): Promise<SessionRow[]> {
  const rows: SessionRow[] = [];
  for (const [field, value] of [
    ['session_id', name],
    ['user_id', name],
    ['email', comparableEmail(name)],
  ] as const) {
    rows.push(
      ...(await tx
        .selectFrom('autoplay_session')
        .selectAll()
        .where('memory', '=', memory)
        .where(field, '=', value)
        .where('expires_at', '>', now)
        .orderBy('last_seen_at', 'desc')
        .orderBy('id', 'desc')
        .limit(most)
        .execute()),
    );
  }
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

async function listed(tx: Tx, rows: readonly SessionRow[]): Promise<ListedSession[]> {
  const infos = await sessionInfos(tx, rows);
  const last = new Map<number, Action>();
  const delivered = new Map<number, number>();
  for (const ids of chunks(
    rows.map(({ id }) => id),
    tx,
  )) {
    const actions = await tx
      .selectFrom('autoplay_session')
      .innerJoin('autoplay_action', (join) =>
        join
          .onRef('autoplay_action.session', '=', 'autoplay_session.id')
          .onRef('autoplay_action.seq', '=', 'autoplay_session.last_seq'),
      )
      .select(['session', 'action_id', 'body'])
      .where('autoplay_session.id', 'in', ids)
      // What another person did in the session before is not shown.
      .whereRef('autoplay_session.last_seq', '>=', 'autoplay_session.person_from_seq')
      .execute();
    for (const { session, action_id, body } of actions) {
      const action = JSON.parse(body) as Omit<Action, 'index' | 'action_id'>;
      last.set(session, { index: 0, ...action, action_id });
    }
    const links = await tx
      .selectFrom('autoplay_link')
      .select(['session', 'delivered_seq'])
      .where('session', 'in', ids)
      .where('ended_at', 'is', null)
      .execute();
    for (const { session, delivered_seq } of links) {
      const seq = Math.min(delivered.get(session) ?? Infinity, delivered_seq ?? 0);
      delivered.set(session, seq);
    }
  }
  return rows.map((row) => {
    const seq = delivered.get(row.id);
    return {
      ...infos.get(row.id)!,
      last_seen_at: row.last_seen_at,
      actions: row.last_seq,
      actions_since_summary: row.last_seq - row.summarized_seq,
      actions_to_deliver: seq === undefined ? null : row.last_seq - seq,
      last_action: last.get(row.id) ?? null,
    };
  });
}

/** See {@link SessionMemory.status}. */
export async function status({ db, clock }: SqlContext, memory: string): Promise<MemoryStatus> {
  const now = clock.now();
  const counts = await transact(db, async (tx) => {
    const sessions = await tx
      .selectFrom('autoplay_session')
      .select(['last_seq', 'last_seen_at'])
      .where(IN_MEMORY, '=', memory)
      .where('expires_at', '>', now)
      .orderBy(LATEST_FIRST)
      .limit(MOST_ROWS)
      .execute();
    const links = await tx
      .selectFrom('autoplay_link')
      .select('id')
      .where('memory', '=', memory)
      .where('ended_at', 'is', null)
      .orderBy('id', 'desc')
      .limit(MOST_ROWS)
      .execute();
    const waiting = await tx
      .selectFrom('autoplay_waiting_link')
      .select('id')
      .where('memory', '=', memory)
      .where('expires_at', '>', now)
      .orderBy('chat')
      .orderBy('conversation_id')
      .limit(MOST_ROWS)
      .execute();
    const due = await tx
      .selectFrom('autoplay_link')
      .select(['due_at', 'failures', 'redact_failures'])
      .where('memory', '=', memory)
      .where('due_at', '<', NEVER)
      .where('ended_at', 'is', null)
      .orderBy('due_at')
      .limit(MOST_ROWS)
      .execute();
    return {
      sessions: sessions.length,
      actions: sessions.reduce((sum, { last_seq }) => sum + last_seq, 0),
      links: links.length,
      waiting_links: waiting.length,
      due: due.filter(({ due_at }) => due_at !== null && due_at <= now).length,
      failing: due.filter((one) => one.failures > 0 || one.redact_failures > 0).length,
      last_seen_at: sessions[0]?.last_seen_at ?? null,
    };
  });
  return { ...counts, counted_up_to: MOST_ROWS, storage_bytes: await sizeOf(db) };
}

async function sizeOf(db: Database): Promise<number> {
  const { rows } = await (
    isShared(db)
      ? sql<{
          bytes: number | string;
        }>`select coalesce(sum(pg_total_relation_size(oid)), 0) as bytes
          from pg_class where relkind = 'r' and relname like 'autoplay!_%' escape '!'
          and relnamespace = current_schema()::regnamespace`
      : sql<{ bytes: number }>`select page_count * page_size as bytes
          from pragma_page_count(), pragma_page_size()`
  ).execute(db);
  return Number(rows[0]?.bytes ?? 0);
}

/** See {@link SessionMemory.memories}. Goes from name to name in the index, however many sessions each has. */
export async function memories({ db, clock }: SqlContext): Promise<MemoryName[]> {
  const now = clock.now();
  return await transact(db, async (tx) => {
    const found: MemoryName[] = [];
    for (let after = ''; found.length < MOST_MEMORIES;) {
      const next = await tx
        .selectFrom('autoplay_session')
        .select('memory')
        .where('memory', '>', after)
        .orderBy('memory')
        .limit(1)
        .executeTakeFirst();
      if (!next) break;
      after = next.memory;
      const [latest] = await recent(tx, after, now, 1);
      if (latest) found.push({ name: after, last_seen_at: latest.last_seen_at });
    }
    return found;
  });
}
