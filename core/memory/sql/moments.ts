import { createDetector, firedKey, type Detection, type Detector } from '../../moments/detect';
import type { Rule } from '../../moments/types';
import { createRecent } from '../../recent';
import type { DetectedMoment, DetectorSettings, SessionKey, SessionToLookAt } from '../moments';
import { isIdentified } from '../visitor';
import { actionsAt, actsOf, type ActsOf } from './acts';
import { NO_PERSONS, personsOf, type Persons } from './histories';
import { chunks, sessionInfos, type SessionRow } from './sessions';
import { findSessions, keyOf } from './sessionWrites';
import type { Database, SqlContext, Tx } from './tables';
import { transact } from './transactions';
import { momentsAgain } from './unfinishedOffers';

/** To make a detector costs more than a look. Rules change when somebody edits the workflow. */
const detectors = createRecent(20, (rules) => createDetector(JSON.parse(rules) as Rule[]));

/** What a detector has kept about a session. */
interface Watched {
  /** When the session is due; null for never. */
  due_at: number | null;
  /** The windows of the session that have fired. */
  fired: string[];
}

/** See {@link MomentMemory.detectMoments}. */
export async function detectMoments(
  { db, clock, newId }: SqlContext,
  memory: string,
  { name, rules }: DetectorSettings,
  sessions: readonly SessionToLookAt[],
): Promise<DetectedMoment[]> {
  const now = clock.now();
  const detector = detectors(JSON.stringify(rules));
  return await transact(db, async (tx) => {
    // On a server they are locked, so that two workers do not both find that a window is open.
    const rows = await inOrder(tx, memory, sessions, now);
    const actsIn = await actsOf(db, tx, rows, { now, windowMs: detector.windowMs });
    const watched = await watchedBy(tx, name, rows);
    const persons = detector.needsHistory ? await personsOf(tx, name, rows) : NO_PERSONS;
    const found: Found[] = [];
    const changed: Array<Watched & { row: SessionRow }> = [];
    for (const row of rows) {
      const before = watched.get(row.id) ?? { due_at: null, fired: [] };
      const seen = look(detector, { row, before, persons, ...actsIn(row) }, now);
      const fired = [...before.fired];
      for (const moment of seen.moments) {
        const moment_id = newId();
        if (moment.window.of === 'session') fired.push(firedKey(moment));
        else if (!(await persons.keep(row, { moment_id, moment }))) continue;
        found.push({ moment_id, moment, row });
      }
      if (seen.history) await persons.keepHistory(row, seen.history, now);
      const due_at = dueAfter(before, seen, now);
      const isSame = due_at === before.due_at && fired.length === before.fired.length;
      if (!isSame) changed.push({ row, due_at, fired });
    }
    await keepWatched(tx, name, changed);
    const resumed = new Set(sessions.filter((one) => one.resumed).map(keyOf));
    const again = rows.filter((row) => resumed.has(keyOf(row)));
    found.push(...(await momentsAgain(tx, detector, again, now)));
    return await withEvidence(tx, found);
  });
}

type Found = Pick<DetectedMoment, 'moment_id' | 'moment'> & { row: SessionRow };

async function withEvidence(tx: Tx, found: readonly Found[]): Promise<DetectedMoment[]> {
  const infos = await sessionInfos(tx, distinct(found.map(({ row }) => row)));
  const places = found.flatMap(({ row, moment }) =>
    moment.evidence.map((seq) => ({ session: row.id, seq })),
  );
  const shown = new Map<string, DetectedMoment['evidence'][number]>();
  const keyOfPlace = (session: number, seq: number) => `${session} ${seq}`;
  for (const { session, seq, at, action } of await actionsAt(tx, places)) {
    shown.set(keyOfPlace(session, seq), { at, action });
  }
  return found.map(({ row, moment_id, moment }) => ({
    ...{ moment_id, moment, session: infos.get(row.id)! },
    evidence: moment.evidence.flatMap((seq) => shown.get(keyOfPlace(row.id, seq)) ?? []),
  }));
}

function distinct<T extends SessionKey>(keys: readonly T[]): T[] {
  return [...new Map(keys.map((key) => [keyOf(key), key])).values()];
}

/** The sessions that are known, in the order of their keys. */
async function inOrder(
  tx: Tx,
  memory: string,
  keys: readonly SessionKey[],
  now: number,
): Promise<SessionRow[]> {
  const wanted = distinct(keys);
  const rows = await findSessions(tx, memory, wanted);
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return wanted.flatMap((key) => {
    const row = byKey.get(keyOf(key));
    return row && row.expires_at > now ? [row] : [];
  });
}

interface Look extends ActsOf {
  row: SessionRow;
  before: Watched;
  persons: Persons;
}

function look(
  detector: Detector,
  { row, before, persons, acts, isComplete, startedAt }: Look,
  now: number,
): Detection {
  const { product_id, session_id, user_id, email } = row;
  const session = {
    ...{ product_id, session_id, acts, isComplete, startedAt },
    isSignedIn: isIdentified({ user_id, email }),
    ...{ history: persons.historyOf(row), learningSince: persons.since },
    fired: [...before.fired, ...persons.firedOf(row)],
  };
  return detector.detect(session, now);
}

/**
 * When the session is due after a look. A time that is planned and comes earlier stays: to look in vain costs less than to write
 * with each action.
 */
function dueAfter({ due_at }: Watched, { dueAt }: Detection, now: number): number | null {
  if (dueAt === null || due_at === null || due_at <= now) return dueAt;
  return Math.min(due_at, dueAt);
}

async function watchedBy(tx: Tx, detector: string, rows: readonly SessionRow[]) {
  const watched = new Map<number, Watched>();
  for (const some of chunks(rows, tx)) {
    const stored = await tx
      .selectFrom('autoplay_watch')
      .select(['session', 'due_at', 'fired'])
      .where(
        'session',
        'in',
        some.map(({ id }) => id),
      )
      .where('detector', '=', detector)
      .execute();
    for (const { session, due_at, fired } of stored) {
      watched.set(session, { due_at, fired: JSON.parse(fired) as string[] });
    }
  }
  return watched;
}

async function keepWatched(
  tx: Tx,
  detector: string,
  changed: ReadonlyArray<Watched & { row: SessionRow }>,
): Promise<void> {
  for (const some of chunks(changed, tx)) {
    await tx
      .insertInto('autoplay_watch')
      .values(
        some.map(({ row, due_at, fired }) => ({
          ...{ session: row.id, memory: row.memory, detector, due_at },
          fired: JSON.stringify(fired),
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['session', 'detector']).doUpdateSet((eb) => ({
          due_at: eb.ref('excluded.due_at'),
          fired: eb.ref('excluded.fired'),
        })),
      )
      .execute();
  }
}

/** See {@link MomentMemory.nextMomentAt}. */
export async function nextMomentAt(
  { db }: SqlContext,
  memory: string,
  detectors?: readonly string[],
): Promise<number | null> {
  const next = await watched(db, memory, detectors)
    .select('due_at')
    .where('due_at', 'is not', null)
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst();
  return next?.due_at ?? null;
}

/** The sessions that are due for one of the detectors. */
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

function watched(db: Database, memory: string, detectors: readonly string[] | undefined) {
  return db
    .selectFrom('autoplay_watch')
    .where('memory', '=', memory)
    .$if(detectors !== undefined, (query) => query.where('detector', 'in', [...detectors!]));
}
