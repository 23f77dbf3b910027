import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { productOf } from '../chatKey';

/**
 * Whether a link, or a waiting conversation, is in the chat product of a key. If the key names a workspace, in that
 * workspace or one that is not known; else in any.
 */
export function ofChat(column: string, key: string): RawBuilder<SqlBool> {
  const chat = sql.ref(column);
  if (productOf(key) !== key) return sql`${chat} in (${key}, ${productOf(key)})`;
  return sql`(${chat} = ${key} or substr(${chat}, 1, ${sql.lit(key.length + 1)}) = ${`${key}:`})`;
}
