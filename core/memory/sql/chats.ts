import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { productOf } from '../chatKey';

/**
 * Whether a link or what waits for one is of a chat product: of the workspace in the key, or of one that is not
 * known; of any where the key names none.
 */
export function ofChat(column: string, key: string): RawBuilder<SqlBool> {
  const chat = sql.ref(column);
  if (productOf(key) !== key) return sql`${chat} in (${key}, ${productOf(key)})`;
  return sql`(${chat} = ${key} or substr(${chat}, 1, ${sql.lit(key.length + 1)}) = ${`${key}:`})`;
}
