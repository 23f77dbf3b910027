import type { Insertable } from 'kysely';
import { namesOf } from '../../identity';
import type { SessionBatch } from '../../payload/types';
import { chunks, type SessionRow } from './sessions';
import type { Tables, Tx } from './tables';

type IdentityRow = Insertable<Tables['autoplay_identity']>;

/**
 * The names that a batch gives its visitor and that the session does not have yet. A visitor who signs in half way goes
 * by several names.
 */
export function newIdentities(row: SessionRow, batch: SessionBatch): IdentityRow[] {
  const named = new Map<string, IdentityRow>();
  const add = (kind: IdentityRow['kind'], value: string | null | undefined) => {
    if (!value || value === row[kind]) return;
    named.set(JSON.stringify([kind, value]), { session: row.id, kind, value });
  };
  for (const said of [batch, ...batch.actions]) {
    const { user_id, email } = namesOf({ user_id: said.user_id, email: said.email });
    add('user_id', user_id);
    add('email', email);
  }
  return [...named.values()];
}

/** Stores identities, each once. */
export async function keepIdentities(tx: Tx, identities: readonly IdentityRow[]): Promise<void> {
  for (const values of chunks(identities)) {
    await tx
      .insertInto('autoplay_identity')
      .values(values)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
