import type { Selectable } from 'kysely';
import { FOR_EVER } from '../../manners/decide';
import { chunks } from './sessions';
import type { Tables, Tx } from './tables';

// What is kept of persons who want no offers: keys, and until when. It outlives their sessions and offers.

export type Objection = Selectable<Tables['autoplay_objection']>;

/** A product in a memory. */
type Product = Pick<Objection, 'memory' | 'product_id'>;

/** Until when the owner of any of the keys wants no offers, see {@link FOR_EVER}; null if there is no such wish. */
export async function silentUntil(
  tx: Tx,
  { memory, product_id }: Product,
  keys: readonly string[],
): Promise<number | null> {
  const kept = await objectionsOf(tx, keys);
  const theirs = kept.filter((one) => one.memory === memory && one.product_id === product_id);
  return theirs.length > 0 ? Math.max(...theirs.map(({ until }) => until)) : null;
}

/** What is kept under any of the keys, in all memories. */
export async function objectionsOf(tx: Tx, keys: readonly string[]): Promise<Objection[]> {
  const kept: Objection[] = [];
  for (const some of chunks(keys, tx)) {
    const query = tx.selectFrom('autoplay_objection').selectAll().where('key', 'in', some);
    kept.push(...(await query.execute()));
  }
  return kept;
}

/** Keeps until when the owner of the keys wants no offers. A wish that lasts longer stays. */
export async function keepObjection(
  tx: Tx,
  { memory, product_id }: Product,
  keys: readonly string[],
  until: number = FOR_EVER,
): Promise<void> {
  for (const some of chunks([...new Set(keys)].toSorted(), tx)) {
    await tx
      .insertInto('autoplay_objection')
      .values(some.map((key) => ({ key, memory, product_id, until })))
      .onConflict((conflict) =>
        conflict
          .columns(['key', 'memory', 'product_id'])
          .doUpdateSet({ until })
          .where('autoplay_objection.until', '<', until),
      )
      .execute();
  }
}

/** Erases what was kept under any of the keys, in a memory or product if one is given. */
export async function forgetObjections(
  tx: Tx,
  { memory, product_id }: Partial<Record<keyof Product, string | undefined>>,
  keys: readonly string[],
): Promise<void> {
  for (const some of chunks(keys, tx)) {
    let query = tx.deleteFrom('autoplay_objection').where('key', 'in', some);
    if (memory !== undefined) query = query.where('memory', '=', memory);
    if (product_id) query = query.where('product_id', '=', product_id);
    await query.execute();
  }
}
