import { sql } from 'kysely';
import { wait, type Clock } from '../../clock';
import type { ForgetQuery } from '../types';
import { forgetObjections, keepObjection, objectionsOf, type Objection } from './objections';
import { addKeys } from './offers';
import { keepObjections, keysOfOffers } from './offerPauses';
import {
  eraseOffers,
  lockOfferRows,
  offersOfSessions,
  settle,
  type OfferRow,
} from './offerSettling';
import { isOfSession, keyOf, personsOf, type Person } from './offerPersons';
import { knownPersonKeys, type PersonName } from './persons';
import { chunks, type SessionRow } from './sessions';
import type { Database, Tx } from './tables';
import { isShared, transact } from './transactions';

/** How many offers one transaction settles, so that other calls need not wait long. */
const AT_ONCE = 200;

/** Settles and erases the next offers whose time has come. @returns whether there may be more */
export async function settleSome(db: Database, now: number): Promise<boolean> {
  return await transact(db, async (tx) => {
    const due = await tx
      .selectFrom('autoplay_offer')
      .selectAll()
      .where('settle_at', '<=', now)
      .orderBy('settle_at')
      .limit(AT_ONCE)
      // Others may settle or answer some of them at this moment.
      .$if(isShared(tx), (query) => query.forUpdate().skipLocked())
      .execute();
    await settle(tx, due, now);
    return due.length === AT_ONCE;
  });
}

export async function settleAll(db: Database, clock: Clock): Promise<void> {
  const now = clock.now();
  while (await settleSome(db, now)) await wait(clock, 0);
}

/** Erases wishes that are over. @returns whether there may be more */
export async function eraseObjections(db: Database, now: number): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from autoplay_objection
    where (key, memory, product_id) in (
      select key, memory, product_id from autoplay_objection where until <= ${now} limit ${AT_ONCE})`.execute(
    db,
  );
  return Number(numAffectedRows) === AT_ONCE;
}

/**
 * Keeps what offers need of sessions that are about to be erased: whether goals were reached, and by which names the
 * persons went.
 */
export async function partWith(
  tx: Tx,
  sessionRowIds: readonly number[],
  now: number,
): Promise<void> {
  if (sessionRowIds.length === 0) return;
  const keys = await knownPersonKeys(tx);
  // There has never been an offer, or anything else that outlives sessions.
  if (!keys) return;
  const rows = await sessionRows(tx, sessionRowIds);
  await settle(tx, await offersOfSessions(tx, rows), now, true);
  const persons = await personsOf(tx, keys, rows);
  await spreadKeys(tx, rows, persons);
  await spreadObjections(tx, rows, persons);
}

async function sessionRows(tx: Tx, ids: readonly number[]): Promise<SessionRow[]> {
  const rows: SessionRow[] = [];
  for (const some of chunks(ids, tx)) {
    const query = tx.selectFrom('autoplay_session').selectAll().where('id', 'in', some);
    rows.push(...(await query.execute()));
  }
  return rows;
}

/** Adds all names of each session's person to the offers that are found by one of them. */
async function spreadKeys(
  tx: Tx,
  sessions: readonly SessionRow[],
  persons: ReadonlyMap<number, Person>,
): Promise<void> {
  const all = [...persons.values()].flatMap(({ keys }) => keys);
  const found = await offersByKeys(tx, all);
  const offers = await lockOfferRows(tx, [...found.keys()]);
  const fresh = new Map<number, Set<string>>();
  // What one session adds may be what another one finds an offer by.
  untilStable(() => {
    let isStable = true;
    for (const session of sessions) {
      const { keys, wishes } = persons.get(session.id)!;
      for (const offer of offers) {
        const { known } = found.get(offer.id)!;
        if (
          !isOffered(
            offer,
            session,
            keys.filter((key) => known.has(key)),
          )
        )
          continue;
        for (const key of wishes.written) {
          if (known.has(key)) continue;
          known.add(key);
          fresh.set(offer.id, (fresh.get(offer.id) ?? new Set()).add(key));
          isStable = false;
        }
      }
    }
    return isStable;
  });
  for (const [offer, keys] of fresh) await addKeys(tx, offer, [...keys], found.get(offer)!.made);
}

/** Whether an offer that was found by these keys was made for a session's present person. */
function isOffered(offer: OfferRow, session: SessionRow, by: readonly string[]): boolean {
  if (by.length === 0 || !isOfProduct(offer, session)) return false;
  if (offer.session !== session.id || offer.person_seq === session.person_from_seq) return true;
  // Found by the session alone, it is of a person who used the session before.
  return !by.every(isOfSession);
}

function isOfProduct(
  one: Pick<OfferRow, 'memory' | 'product_id'>,
  other: Pick<OfferRow, 'memory' | 'product_id'>,
): boolean {
  return one.memory === other.memory && one.product_id === other.product_id;
}

/** Keeps the wishes of the sessions' persons under all their names. */
async function spreadObjections(
  tx: Tx,
  sessions: readonly SessionRow[],
  persons: ReadonlyMap<number, Person>,
): Promise<void> {
  const all = [...persons.values()].flatMap(({ wishes }) => wishes.read);
  const kept = await objectionsOf(tx, all);
  if (kept.length === 0) return;
  const fresh: Objection[] = [];
  untilStable(() => {
    let isStable = true;
    for (const session of sessions) {
      const { memory, product_id } = session;
      const { read, written } = persons.get(session.id)!.wishes;
      const theirs = kept.filter((one) => isOfProduct(one, session) && read.includes(one.key));
      const until = Math.max(...theirs.map((one) => one.until));
      for (const key of theirs.length > 0 ? written : []) {
        if (theirs.some((one) => one.key === key && one.until >= until)) continue;
        const one = { key, memory, product_id, until };
        kept.push(one);
        fresh.push(one);
        isStable = false;
      }
    }
    return isStable;
  });
  for (const one of fresh) await keepObjection(tx, one, [one.key], one.until);
}

/** Repeats a step until it says that there is nothing more to do. */
function untilStable(step: () => boolean): void {
  while (!step());
}

interface Found {
  /** The keys by which it was found. */
  known: Set<string>;
  made: 0 | 1;
}

/** The row ids of all offers that were decided for the owner of one of the keys. */
async function offersByKeys(tx: Tx, keys: readonly string[]): Promise<Map<number, Found>> {
  const found = new Map<number, Found>();
  for (const some of chunks(keys, tx)) {
    const rows = await tx
      .selectFrom('autoplay_offer_person')
      .selectAll()
      .where('key', 'in', some)
      .execute();
    for (const { offer, key, made } of rows) {
      const one = found.get(offer) ?? { known: new Set(), made: made === 1 ? 1 : 0 };
      found.set(offer, one);
      one.known.add(key);
    }
  }
  return found;
}

/**
 * Erases the offers of a person, by their names and those of the sessions that are erased. Of what they have said about
 * offers, only that they want none is kept, unless that is to be forgotten, too.
 *
 * @returns how many were erased
 */
export async function forgetOffers(
  tx: Tx,
  query: ForgetQuery,
  sessionRowIds: readonly number[],
  now: number,
): Promise<number> {
  const keys = await knownPersonKeys(tx);
  if (!keys) return 0;
  const { memory, product_id, keepObjection: keeps = true } = query;
  const sessions = await sessionRows(tx, sessionRowIds);
  // A session alone is no person. What two persons used one after the other says nothing about who else they are.
  const isPerson = Boolean(query.user_id || query.email);
  const theirs = isPerson ? sessions.filter(({ person_from_seq }) => person_from_seq === 0) : [];
  const persons = [...(await personsOf(tx, keys, theirs)).values()];
  const given = [
    ...namesIn(query).map((name) => keyOf(keys, name)),
    ...persons.flatMap((person) => person.keys),
  ];
  const found = await offersByKeys(tx, given);
  const rows = await lockOfferRows(tx, [...found.keys()]);
  const ofSessions = await offersOfSessions(tx, sessions);
  const all = new Map([...rows, ...ofSessions].map((row) => [row.id, row]));
  const meant = [...all.values()].filter(
    (row) =>
      (memory === undefined || row.memory === memory) &&
      (!product_id || row.product_id === product_id),
  );
  if (keeps) {
    await keepObjections(tx, meant, now);
    await spreadObjections(tx, sessions, await personsOf(tx, keys, sessions));
  } else {
    const others = await keysOfOffers(tx, meant);
    await forgetObjections(tx, query, [...new Set([...given, ...others.values()].flat())]);
  }
  await eraseOffers(
    tx,
    meant.map(({ id }) => id),
  );
  return meant.length;
}

function namesIn({ user_id, email, session_id }: ForgetQuery): PersonName[] {
  return Object.entries({ user_id, email, session_id }).flatMap(([kind, value]) =>
    value ? [{ kind: kind as PersonName['kind'], value }] : [],
  );
}
