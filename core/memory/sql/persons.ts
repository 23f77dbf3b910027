import { createHmac, randomBytes } from 'node:crypto';
import { comparableEmail } from '../../identity';
import type { Database } from './tables';

/** What a person is known by. A session stands for someone who has no name yet. */
export interface PersonName {
  kind: 'user_id' | 'email' | 'session_id';
  value: string;
}

/**
 * Makes the keys under which persons are kept for longer than their sessions: hashes that only this database can make,
 * so that they name no one outside of it. The same name has the same key in all memories and products, by which all of
 * it can be forgotten; who the person is depends on the product all the same.
 */
export async function personKeys(db: Database): Promise<PersonKeys> {
  return keysBy((await readSecret(db)) ?? (await makeSecret(db)));
}

/** The same; undefined as long as no person has been kept. */
export async function knownPersonKeys(db: Database): Promise<PersonKeys | undefined> {
  const secret = await readSecret(db);
  return secret === undefined ? undefined : keysBy(secret);
}

export type PersonKeys = (name: PersonName) => string;

function keysBy(secret: string): PersonKeys {
  return ({ kind, value }) => {
    const said = kind === 'email' ? comparableEmail(value) : value;
    const digest = createHmac('sha256', secret).update(`${kind} ${said}`).digest('base64url');
    return digest.slice(0, LENGTH);
  };
}

/** Of base64: 132 bits. */
const LENGTH = 22;
const PERSONS = 'persons';

async function readSecret(db: Database): Promise<string | undefined> {
  const row = await db
    .selectFrom('autoplay_secret')
    .select('value')
    .where('name', '=', PERSONS)
    .executeTakeFirst();
  return row?.value;
}

async function makeSecret(db: Database): Promise<string> {
  await db
    .insertInto('autoplay_secret')
    .values({ name: PERSONS, value: randomBytes(32).toString('base64url') })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  // Another process may have been first.
  return (await readSecret(db))!;
}
