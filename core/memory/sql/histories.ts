import { sql } from 'kysely';
import { firedKey } from '../../moments/detect';
import type { History, Moment } from '../../moments/types';
import { personKeys, type PersonName } from './persons';
import { chunks, type SessionRow } from './sessions';
import type { Database, Tx } from './tables';

// What rules about persons know and have fired for. It outlives sessions.

/** How long after a person was seen last, in milliseconds. */
const HISTORY_MS = 90 * 24 * 3_600_000;

/** The persons of some sessions, for one detector. */
export interface Persons {
  /** Null if nothing is known, or the session's person has no name. */
  historyOf(row: SessionRow): History | null;
  /** Since when the memory has kept histories, in milliseconds since the epoch; null before. */
  since: number | null;
  /** The {@link firedKey}s of what has fired for the session's person. */
  firedOf(row: SessionRow): string[];
  /** Keeps a moment of a person once. @returns whether it had not fired before */
  keep(row: SessionRow, moment: { moment_id: string; moment: Moment }): Promise<boolean>;
  keepHistory(row: SessionRow, history: History, now: number): Promise<void>;
}

/** For detectors without rules about persons. */
export const NO_PERSONS: Persons = {
  historyOf: () => null,
  since: null,
  firedOf: () => [],
  keep: async () => false,
  keepHistory: async () => {},
};

export async function personsOf(
  tx: Tx,
  detector: string,
  rows: readonly SessionRow[],
): Promise<Persons> {
  const [memory = ''] = rows.map((row) => row.memory);
  const keyOfPerson = await personKeys(tx);
  // By user id if there is one, because an address may come and go within a session.
  const persons = new Map(
    rows.map(({ id, user_id, email }) => {
      if (user_id !== null) return [id, keyOfPerson({ kind: 'user_id', value: user_id })];
      return [id, email === null ? undefined : keyOfPerson({ kind: 'email', value: email })];
    }),
  );
  const keys = [...new Set(persons.values())].filter((key) => key !== undefined);
  const histories = new Map<string, History>();
  const fired = new Map<string, string[]>();
  for (const some of chunks(keys, tx)) {
    const kept = await tx
      .selectFrom('autoplay_history')
      .select(['product_id', 'person', 'body'])
      .where('person', 'in', some)
      .where('memory', '=', memory)
      .execute();
    for (const one of kept) {
      const history = JSON.parse(one.body) as History;
      // Those that earlier versions wrote do not say what was looked for.
      histories.set(keyOf(one), { ...history, watched: history.watched ?? {} });
    }
    const moments = await tx
      .selectFrom('autoplay_moment')
      .select(['product_id', 'person', 'fired'])
      .where('person', 'in', some)
      .where('memory', '=', memory)
      .where('detector', '=', detector)
      .execute();
    for (const one of moments) fired.set(keyOf(one), [...(fired.get(keyOf(one)) ?? []), one.fired]);
  }
  const first = await tx
    .selectFrom('autoplay_history')
    .select('kept_since')
    .where('memory', '=', memory)
    .orderBy('kept_since')
    .limit(1)
    .executeTakeFirst();
  const known = <T>(of: Map<string, T>, { id, product_id }: SessionRow): T | undefined => {
    const person = persons.get(id);
    return person === undefined ? undefined : of.get(keyOf({ product_id, person }));
  };
  return {
    historyOf: (row) => known(histories, row) ?? null,
    since: first?.kept_since ?? null,
    firedOf: (row) => known(fired, row) ?? [],
    async keep({ id, product_id }, { moment_id, moment }) {
      const person = persons.get(id);
      if (person === undefined) return false;
      const whose = { memory, product_id, person, detector };
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('autoplay_moment')
        .values({ ...whose, moment_id, fired: firedKey(moment), at: moment.at })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    async keepHistory({ id, product_id }, history, now) {
      const person = persons.get(id);
      if (person === undefined) return;
      const body = JSON.stringify(history);
      const seen_at = history.last_seen_at;
      await tx
        .insertInto('autoplay_history')
        .values({ memory, product_id, person, body, kept_since: now, seen_at })
        .onConflict((conflict) =>
          conflict.columns(['person', 'memory', 'product_id']).doUpdateSet({ body, seen_at }),
        )
        .execute();
    },
  };
}

/** In another product, the same name may be another person's. */
const keyOf = ({ product_id, person }: { product_id: string; person: string }) =>
  `${product_id}\0${person}`;

/** Erases what is kept of persons by these names. */
export async function forgetPersons(
  tx: Tx,
  names: readonly PersonName[],
  { memory, product_id }: { memory?: string | undefined; product_id?: string | undefined },
): Promise<void> {
  const keyOfPerson = await personKeys(tx);
  const persons = names.map(keyOfPerson);
  for (const table of ['autoplay_history', 'autoplay_moment'] as const) {
    await tx
      .deleteFrom(table)
      .where('person', 'in', persons)
      .$if(memory !== undefined, (query) => query.where('memory', '=', memory!))
      .$if(product_id !== undefined, (query) => query.where('product_id', '=', product_id!))
      .execute();
  }
}

/** Erases some of what has outlived its retention. @returns whether there may be more */
export async function erasePersons(db: Database, now: number, atOnce: number): Promise<boolean> {
  const before = now - HISTORY_MS;
  const histories = await sql`delete from autoplay_history where (person, memory, product_id) in (
    select person, memory, product_id from autoplay_history where seen_at < ${before} limit ${atOnce})`.execute(
    db,
  );
  const moments = await sql`delete from autoplay_moment where moment_id in (
    select moment_id from autoplay_moment where at < ${before} limit ${atOnce})`.execute(db);
  return [histories, moments].some(({ numAffectedRows }) => Number(numAffectedRows) === atOnce);
}
