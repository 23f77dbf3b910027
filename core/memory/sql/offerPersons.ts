import type { PersonKeys, PersonName } from './persons';
import { chunks, type SessionRow } from './sessions';
import type { Tx } from './tables';

// Offers outlive the sessions for which they were made, so that limits hold for weeks. They are found by keys of all names that
// the person has gone by.

/** The person who acts in a session now, as far as the memory knows them. */
export interface Person {
  /** Their sessions, with the `person_from_seq` of each. */
  sessions: Map<number, number>;
  /** The key of their surest name. */
  surest: string;
  /** All their keys, by which offers are found. */
  keys: string[];
  /** Those under which an offer of the session is kept: of its other sessions, the names are enough. */
  kept: string[];
  /** Those under which a wish of theirs is looked for, and those under which it is kept. */
  wishes: { read: string[]; written: string[] };
}

/** How much is followed of one person. Who has more shares a name with strangers. */
const MOST = { sessions: 50, names: 100, rounds: 3 };

/** How the key of a session begins: it finds a person only as long as they have no name. */
const OF_SESSION = 's:';

/** The key under which an offer or a wish is kept. */
export function keyOf(keys: PersonKeys, name: PersonName): string {
  return (name.kind === 'session_id' ? OF_SESSION : '') + keys(name);
}

/** Whether a key is a session's. */
export function isOfSession(key: string): boolean {
  return key.startsWith(OF_SESSION);
}

/** Those of an offer's keys that outlive its session; all of them if none does. */
export function lastingOf(keys: readonly string[]): readonly string[] {
  const named = keys.filter((key) => !isOfSession(key));
  return named.length > 0 ? named : keys;
}

/** The surest name of a session's present person: by user where known, else by address, else by session. */
export function surestName(session: SessionRow): PersonName {
  return latestNames(session)[0] ?? sessionName(session);
}

/**
 * The person who acts in a session now: by all names of the session, and of other sessions of the product that share one of
 * them.
 */
export async function personOf(
  tx: Tx,
  keys: PersonKeys,
  session: SessionRow,
  now: number,
): Promise<Person> {
  const sessions = new Map([[session.id, session]]);
  const names = new Map<string, PersonName>();
  let found = [session];
  for (let round = 1; found.length > 0; round += 1) {
    const said = [...(await namesBy(tx, found)).values()].flat();
    const fresh = said.filter((name) => !names.has(idOf(name)));
    for (const name of fresh.slice(0, MOST.names - names.size)) names.set(idOf(name), name);
    if (round > MOST.rounds) break;
    const others = await sessionsNamed(tx, session, fresh, now);
    found = others
      .filter((row) => !sessions.has(row.id) && isTheirs(row, names))
      .slice(0, MOST.sessions - sessions.size);
    for (const row of found) sessions.set(row.id, row);
  }
  return personBy(keys, [...names.values()], [...sessions.values()]);
}

/** The present person of each session, by that session alone. */
export async function personsOf(
  tx: Tx,
  keys: PersonKeys,
  rows: readonly SessionRow[],
): Promise<Map<number, Person>> {
  const names = await namesBy(tx, rows);
  return new Map(rows.map((row) => [row.id, personBy(keys, names.get(row.id) ?? [], [row])]));
}

/** @param rows the sessions of the person, the present one first */
function personBy(
  keys: PersonKeys,
  names: readonly PersonName[],
  rows: readonly SessionRow[],
): Person {
  const named = [...new Set(names.map((name) => keyOf(keys, name)))];
  const own = (some: readonly SessionRow[]) => some.map((row) => keyOf(keys, sessionName(row)));
  // A wish that is kept under a session is not that of a person who took the session over.
  const unshared = own(rows.filter(({ person_from_seq }) => person_from_seq === 0));
  return {
    sessions: new Map(rows.map(({ id, person_from_seq }) => [id, person_from_seq])),
    surest: keyOf(keys, surestName(rows[0]!)),
    keys: [...named, ...own(rows)],
    kept: [...named, ...own(rows.slice(0, 1))],
    wishes: { read: [...named, ...unshared], written: named.length > 0 ? named : own(rows) },
  };
}

/**
 * The names of sessions' present persons, by row id. Where another person has taken a session over, only the latest names
 * are known to be theirs.
 */
async function namesBy(tx: Tx, rows: readonly SessionRow[]): Promise<Map<number, PersonName[]>> {
  const names = new Map<number, PersonName[]>();
  const whole: number[] = [];
  for (const row of rows) {
    const isWhole = row.person_from_seq === 0;
    names.set(row.id, isWhole ? [] : latestNames(row));
    if (isWhole) whole.push(row.id);
  }
  for (const ids of chunks(whole, tx)) {
    const identities = await tx
      .selectFrom('autoplay_identity')
      .select(['session', 'kind', 'value'])
      .where('session', 'in', ids)
      .execute();
    for (const { session, kind, value } of identities) names.get(session)?.push({ kind, value });
  }
  return names;
}

function latestNames({ user_id, email }: SessionRow): PersonName[] {
  return [
    ...(user_id === null ? [] : [{ kind: 'user_id' as const, value: user_id }]),
    ...(email === null ? [] : [{ kind: 'email' as const, value: email }]),
  ];
}

function sessionName({ session_id }: SessionRow): PersonName {
  return { kind: 'session_id', value: session_id };
}

/** The sessions of a product that have ever gone by one of the names, the latest first. */
async function sessionsNamed(
  tx: Tx,
  { memory, product_id }: SessionRow,
  names: readonly PersonName[],
  now: number,
): Promise<SessionRow[]> {
  const found = new Set<number>();
  for (const { kind, value } of names) {
    if (kind === 'session_id') continue;
    const known = await tx
      .selectFrom('autoplay_identity')
      .select('session')
      .where('value', '=', value)
      .where('kind', '=', kind)
      .orderBy('session', 'desc')
      .limit(MOST.sessions)
      .execute();
    for (const { session } of known) found.add(session);
  }
  const rows: SessionRow[] = [];
  // By row id alone: with a condition on the memory, SQLite would scan the whole memory.
  for (const ids of chunks([...found], tx)) {
    const some = tx.selectFrom('autoplay_session').selectAll().where('id', 'in', ids);
    rows.push(...(await some.execute()));
  }
  return rows
    .filter((row) => row.memory === memory && row.product_id === product_id && row.expires_at > now)
    .toSorted((a, b) => b.id - a.id);
}

/** Whether a session that has gone by one of the names is still that person's. */
function isTheirs(row: SessionRow, names: ReadonlyMap<string, PersonName>): boolean {
  return row.person_from_seq === 0 || latestNames(row).some((name) => names.has(idOf(name)));
}

function idOf({ kind, value }: PersonName): string {
  return JSON.stringify([kind, value]);
}
