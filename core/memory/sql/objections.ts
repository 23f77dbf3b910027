import { FOR_EVER } from '../../manners/decide';
import { chunks } from './sessions';
import type { Tx } from './tables';

// What is kept of persons who want no offers: keys, and until when. It outlives their sessions and offers.

/** A product in a memory. */
interface Product {
  memory: string;
  product_id: string;
}

/** Until when the owner of any of the keys wants no offers, see {@link FOR_EVER}; null if there is no such wish. */
export async function silentUntil(
  tx: Tx,
  { memory, product_id }: Product,
  keys: readonly string[],
): Promise<number | null> {
  let until: number | null = null;
  for (const some of chunks(keys, tx)) {
    const rows = await tx
      .selectFrom('autoplay_objection')
      .select('until')
      .where('key', 'in', some)
      .where('memory', '=', memory)
      .where('product_id', '=', product_id)
      .execute();
    for (const row of rows) until = Math.max(until ?? 0, row.until);
  }
  return until;
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
