import type { Selectable } from 'kysely';
import { dismissedTwiceAt } from '../../manners/decide';
import { keepObjection } from './objections';
import { lastingOf } from './offerPersons';
import { chunks } from './sessions';
import type { Tables, Tx } from './tables';

// A dismissal silences a person for longer than its offer may be kept. Then the pause is kept by itself.

type Row = Selectable<Tables['autoplay_offer']>;

/** Keeps until when the persons of dismissed offers want no others, by the manners with which these were made. */
export async function keepObjections(tx: Tx, rows: readonly Row[], now: number): Promise<void> {
  const keys = await keysOfOffers(tx, rows.filter(isDismissed));
  for (const some of byProduct(rows)) {
    const twice = dismissedTwiceAt(some.map(asPast));
    for (const row of some) {
      if (!isDismissed(row) || row.outcome_at === null) continue;
      const pause =
        row.outcome_at === twice ? Math.max(row.twice_ms, row.dismissed_ms) : row.dismissed_ms;
      const until = row.outcome_at + pause;
      if (until > now) await keepObjection(tx, row, lastingOf(keys.get(row.id) ?? []), until);
    }
  }
}

/**
 * Keeps the pauses after two dismissals in a row that dismissed offers are a part of which are about to be erased: the other
 * one alone would not show it any more.
 */
export async function keepPausesAfterTwo(tx: Tx, rows: readonly Row[], now: number): Promise<void> {
  const dismissed = rows.filter(isDismissed);
  const keysById = await keysOfOffers(tx, dismissed);
  for (const row of dismissed) {
    const keys = lastingOf(keysById.get(row.id) ?? []);
    const theirs = await offersOfPerson(tx, row, keys);
    const twice = dismissedTwiceAt(theirs.map(asPast));
    const last = theirs.find((one) => isDismissed(one) && one.outcome_at === twice);
    const until = last ? last.outcome_at! + last.twice_ms : 0;
    if (until > now) await keepObjection(tx, row, keys, until);
  }
}

/** The answered offers of the owner of the keys, in the product of one of them. */
async function offersOfPerson(tx: Tx, { memory, product_id }: Row, keys: readonly string[]) {
  const found = new Map<number, Row>();
  for (const some of chunks(keys, tx)) {
    const rows = await tx
      .selectFrom('autoplay_offer_person')
      .innerJoin('autoplay_offer', 'autoplay_offer.id', 'autoplay_offer_person.offer')
      .selectAll('autoplay_offer')
      .where('autoplay_offer_person.key', 'in', some)
      .where('autoplay_offer_person.made', '=', 1)
      .where('autoplay_offer.outcome_at', 'is not', null)
      .execute();
    for (const row of rows) found.set(row.id, row);
  }
  return [...found.values()].filter(
    (row) => row.memory === memory && row.product_id === product_id,
  );
}

/** The keys under which offers are found, by their row ids. */
export async function keysOfOffers(
  tx: Tx,
  rows: ReadonlyArray<Pick<Row, 'id'>>,
): Promise<Map<number, string[]>> {
  const keys = new Map<number, string[]>(rows.map(({ id }) => [id, []]));
  for (const ids of chunks([...keys.keys()], tx)) {
    const found = await tx
      .selectFrom('autoplay_offer_person')
      .select(['offer', 'key'])
      .where('offer', 'in', ids)
      .execute();
    for (const { offer, key } of found) keys.get(offer)?.push(key);
  }
  return keys;
}

function byProduct(rows: readonly Row[]): Row[][] {
  return [
    ...Map.groupBy(rows, ({ memory, product_id }) => JSON.stringify([memory, product_id])).values(),
  ];
}

const isDismissed = ({ outcome }: Row) => outcome === 'dismissed';

const asPast = ({ outcome, outcome_at }: Row) => ({
  outcome: outcome ?? ('open' as const),
  outcomeAt: outcome_at,
});
