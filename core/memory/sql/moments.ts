import { sql } from 'kysely';
import { firedKey } from '../../moments/detect';
import type { History } from '../../moments/types';
import type { Action } from '../../payload/types';
import type { Detected, KeptMoment, SessionKey, Timeline, TimelineQuery } from '../moments';
import { isIdentified } from '../visitor';
import { personKeys, type PersonName } from './persons';
import { chunks, sessionInfos, type SessionRow } from './sessions';
import { findSessions, keyOf } from './sessionWrites';
import { type Database, type SqlContext, type Tx } from './tables';
import { transact } from './transactions';

/** How long what is known of a person is kept after they were seen last, in milliseconds; and what fired for them. */
export const HISTORY_MS = 90 * 24 * 3_600_000;

/** See {@link MomentMemory.timelines}. */
export async function timelines(
  { db, clock }: SqlContext,
  memory: string,
  sessions: readonly SessionKey[],
  query: TimelineQuery,
): Promise<Array<Timeline | null>> {
  const now = clock.now();
  return await transact(db, async (tx) => {
    const found = await findSessions(tx, memory, distinct(sessions), true);
    const rows = found.filter(({ expires_at }) => expires_at > now);
    const infos = await sessionInfos(tx, rows);
    const actions = await latestActions(tx, rows, now - query.windowMs, query.maxActions);
    const due = await dueOf(tx, rows, query.detector);
    const known = await (query.withHistory ? knownPersons(tx, memory, rows) : noPersons());
    const windowsOf = (row: SessionRow) => [String(row.id), ...known.subjectsOf(row)];
    const fired = await firedOf(tx, query.detector, rows.flatMap(windowsOf));
    const timelineOf = new Map(
      rows.map((row): [string, Timeline] => {
        const { id, user_id, email, person_from_seq } = row;
        const own = actions.get(id) ?? [];
        const first = own[0]?.seq ?? Infinity;
        return [
          keyOf(row),
          {
            session: infos.get(id)!,
            is_signed_in: isIdentified({ user_id, email }),
            actions: own,
            is_complete: first <= Math.max(1, person_from_seq),
            history: known.historyOf(row),
            learning_since: known.since,
            fired: windowsOf(row).flatMap((subject) => fired.get(subject) ?? []),
            due_at: due.get(id) ?? null,
          },
        ];
      }),
    );
    return sessions.map((key) => timelineOf.get(keyOf(key)) ?? null);
  });
}

function distinct(keys: readonly SessionKey[]): SessionKey[] {
  return [...new Map(keys.map((key) => [keyOf(key), key])).values()];
}

/** The latest actions of the person who acts in each session. */
async function latestActions(tx: Tx, rows: readonly SessionRow[], since: number, most: number) {
  const out = new Map<number, Timeline['actions']>();
  for (const some of chunks(rows, tx)) {
    const ids = some.map(({ id }) => id);
    const stored = await tx
      .selectFrom('autoplay_session')
      .innerJoin('autoplay_action', 'autoplay_action.session', 'autoplay_session.id')
      .select(['autoplay_action.session', 'seq', 'at', 'action_id', 'body'])
      .where('autoplay_session.id', 'in', ids)
      .whereRef('seq', '>', sql<number>`autoplay_session.last_seq - cast(${most} as integer)`)
      .whereRef('seq', '>=', 'autoplay_session.person_from_seq')
      .where('at', '>=', since)
      .orderBy('autoplay_action.session')
      .orderBy('seq')
      .execute();
    for (const { session, seq, at, action_id, body } of stored) {
      const own = out.get(session) ?? [];
      out.set(session, own);
      const said = JSON.parse(body) as Omit<Action, 'index' | 'action_id'>;
      own.push({ seq, at, action: { index: own.length, ...said, action_id } });
    }
  }
  return out;
}

async function dueOf(tx: Tx, rows: readonly SessionRow[], detector: string) {
  const due = new Map<number, number>();
  for (const some of chunks(rows, tx)) {
    const ids = some.map(({ id }) => id);
    const watched = await tx
      .selectFrom('autoplay_watch')
      .select(['session', 'due_at'])
      .where('session', 'in', ids)
      .where('detector', '=', detector)
      .execute();
    for (const { session, due_at } of watched) due.set(session, due_at);
  }
  return due;
}

async function firedOf(tx: Tx, detector: string, subjects: readonly string[]) {
  const fired = new Map<string, string[]>();
  for (const some of chunks(subjects, tx)) {
    const kept = await tx
      .selectFrom('autoplay_moment')
      .select(['subject', 'fired'])
      .where('subject', 'in', some)
      .where('detector', '=', detector)
      .execute();
    for (const { subject, fired: key } of kept) {
      fired.set(subject, [...(fired.get(subject) ?? []), key]);
    }
  }
  return fired;
}

/** See {@link MomentMemory.keepMoments}. */
export async function keepMoments(
  { db, clock, newId }: SqlContext,
  memory: string,
  detector: string,
  found: readonly Detected[],
): Promise<KeptMoment[][]> {
  return await transact(db, async (tx) => {
    const sessions = distinct(found.map(({ session }) => session));
    const rows = new Map(
      (await findSessions(tx, memory, sessions)).map((row) => [keyOf(row), row]),
    );
    const keysOf = found.some(isOfPerson) ? await personsOf(tx) : undefined;
    const kept: KeptMoment[][] = [];
    for (const { session, moments, dueAt, history } of found) {
      const own: KeptMoment[] = [];
      kept.push(own);
      const row = rows.get(keyOf(session));
      // Forgotten meanwhile.
      if (!row) continue;
      const person = keysOf?.(row);
      for (const moment of moments) {
        const whose =
          moment.window.of === 'session'
            ? { subject: String(row.id), session: row.id, person: null }
            : person && { subject: subjectOf(row, person), session: null, person };
        if (!whose) continue;
        const moment_id = newId();
        const { numInsertedOrUpdatedRows } = await tx
          .insertInto('autoplay_moment')
          .values({
            ...{ moment_id, memory, detector, at: moment.at, fired: firedKey(moment) },
            ...whose,
          })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if ((numInsertedOrUpdatedRows ?? 0n) > 0n) own.push({ moment_id, moment });
      }
      if (history && person) await keepHistory(tx, row, person, history, clock.now());
      await watch(tx, row, detector, dueAt);
    }
    return kept;
  });
}

const isOfPerson = ({ moments, history }: Detected) =>
  history !== undefined || moments.some(({ window }) => window.of === 'person');

async function watch(tx: Tx, row: SessionRow, detector: string, due_at: number | null) {
  const { id: session, memory } = row;
  if (due_at === null) {
    await tx
      .deleteFrom('autoplay_watch')
      .where('session', '=', session)
      .where('detector', '=', detector)
      .execute();
    return;
  }
  await tx
    .insertInto('autoplay_watch')
    .values({ session, detector, memory, due_at })
    .onConflict((conflict) => conflict.columns(['session', 'detector']).doUpdateSet({ due_at }))
    .execute();
}

/** See {@link MomentMemory.nextMomentAt}. */
export async function nextMomentAt(
  { db }: SqlContext,
  memory: string,
  detectors?: readonly string[],
): Promise<number | null> {
  const next = await watched(db, memory, detectors)
    .select('due_at')
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst();
  return next?.due_at ?? null;
}

function watched(db: Database, memory: string, detectors: readonly string[] | undefined) {
  return db
    .selectFrom('autoplay_watch')
    .where('memory', '=', memory)
    .$if(detectors !== undefined, (query) => query.where('detector', 'in', [...detectors!]));
}

/** The sessions that are due for one of the detectors; on a server without those that another worker looks at. */
export async function dueSessions(
  db: Database,
  memory: string,
  now: number,
  limit: number,
  detectors: readonly string[] | undefined,
): Promise<number[]> {
  if (detectors?.length === 0) return [];
  const due = await watched(db, memory, detectors)
    .select('session')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(limit)
    .execute();
  return [...new Set(due.map(({ session }) => session))];
}

// ------------------------------------------------------------------------------------------------------------ persons

interface Persons {
  /** Whose windows a session's moments are in, besides its own. */
  subjectsOf(row: SessionRow): string[];
  historyOf(row: SessionRow): History | null;
  /** Since when histories are kept. */
  since: number | null;
}

const noPersons = (): Persons => ({ subjectsOf: () => [], historyOf: () => null, since: null });

/** Key of a session's person: by user id if there is one, because an address may come and go within a session. */
async function personsOf(db: Database): Promise<(row: SessionRow) => string | undefined> {
  const keyOfPerson = await personKeys(db);
  return ({ user_id, email }) => {
    if (user_id !== null) return keyOfPerson({ kind: 'user_id', value: user_id });
    return email === null ? undefined : keyOfPerson({ kind: 'email', value: email });
  };
}

/** In another product, the same name may be another person's. */
const subjectOf = ({ product_id }: SessionRow, person: string) => `${product_id} ${person}`;

async function knownPersons(tx: Tx, memory: string, rows: readonly SessionRow[]): Promise<Persons> {
  const keyOfPerson = await personsOf(tx);
  const keys = new Map(rows.map((row) => [row.id, keyOfPerson(row)]));
  const subjectsOf = (row: SessionRow) => {
    const person = keys.get(row.id);
    return person === undefined ? [] : [subjectOf(row, person)];
  };
  const histories = new Map<string, History>();
  for (const some of chunks(
    [...new Set(keys.values())].filter((key) => key !== undefined),
    tx,
  )) {
    const kept = await tx
      .selectFrom('autoplay_history')
      .select(['product_id', 'person', 'body'])
      .where('person', 'in', some)
      .where('memory', '=', memory)
      .execute();
    for (const { product_id, person, body } of kept) {
      histories.set(`${product_id} ${person}`, JSON.parse(body) as History);
    }
  }
  const first = await tx
    .selectFrom('autoplay_history')
    .select('kept_since')
    .where('memory', '=', memory)
    .orderBy('kept_since')
    .limit(1)
    .executeTakeFirst();
  return {
    subjectsOf,
    historyOf: (row) => histories.get(subjectsOf(row)[0] ?? '') ?? null,
    since: first?.kept_since ?? null,
  };
}

async function keepHistory(
  tx: Tx,
  { memory, product_id }: SessionRow,
  person: string,
  history: History,
  now: number,
): Promise<void> {
  const body = JSON.stringify(history);
  const seen_at = history.last_seen_at;
  await tx
    .insertInto('autoplay_history')
    .values({ memory, product_id, person, body, kept_since: now, seen_at })
    .onConflict((conflict) =>
      conflict.columns(['person', 'memory', 'product_id']).doUpdateSet({ body, seen_at }),
    )
    .execute();
}

/** Erases what is kept of persons by these names. */
export async function forgetPersons(
  tx: Tx,
  names: readonly PersonName[],
  { memory, product_id }: { memory?: string | undefined; product_id?: string | undefined },
): Promise<void> {
  const keyOfPerson = await personKeys(tx);
  const persons = names.map(keyOfPerson);
  const histories = tx.deleteFrom('autoplay_history').where('person', 'in', persons);
  await histories
    .$if(memory !== undefined, (query) => query.where('memory', '=', memory!))
    .$if(product_id !== undefined, (query) => query.where('product_id', '=', product_id!))
    .execute();
  const subjects = product_id && persons.map((person) => `${product_id} ${person}`);
  const moments = tx.deleteFrom('autoplay_moment').where('person', 'in', persons);
  await moments
    .$if(memory !== undefined, (query) => query.where('memory', '=', memory!))
    .$if(Boolean(subjects), (query) => query.where('subject', 'in', subjects as string[]))
    .execute();
}

/** Erases some of what has outlived its retention. @returns whether there may be more */
export async function erasePersons(db: Database, now: number, atOnce: number): Promise<boolean> {
  const before = now - HISTORY_MS;
  const histories = await sql`delete from autoplay_history where (person, memory, product_id) in (
    select person, memory, product_id from autoplay_history where seen_at < ${before} limit ${atOnce})`.execute(
    db,
  );
  const moments = await sql`delete from autoplay_moment where moment_id in (
    select moment_id from autoplay_moment where session is null and at < ${before} limit ${atOnce})`.execute(
    db,
  );
  return [histories, moments].some(({ numAffectedRows }) => Number(numAffectedRows) === atOnce);
}
