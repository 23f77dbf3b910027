import { createHmac } from 'node:crypto';

import type { Clock } from '../../core/clock';
import {
  type AgentAddress,
  type Exchange,
  fieldsOf,
  guessed,
  type Occasion,
  post,
} from './exchange';

/** For how long the site's server makes a token valid, in seconds. */
const VALID_S = 3_600;

/**
 * Intercom's Fin asks by a data connector with a User token. The site's server has signed that token (JWT, HS256) for
 * its signed-in user, and the page has handed it to the Messenger; Intercom only passes it on. For a visitor without
 * an id there is no token.
 *
 * @param userId as the site's server knows the visitor; null for one who is not signed in
 */
export async function askAsFin(
  { url, secret }: AgentAddress,
  userId: string | null,
  { question, forged }: Occasion,
  clock: Clock,
): Promise<Exchange> {
  const at = clock.now();
  const claims = { user_id: userId, exp: Math.floor(at / 1_000) + VALID_S };
  const token = userId === null ? null : signToken(claims, forged ? guessed(secret) : secret);
  // Nothing in the body says who is asked about: the token does.
  const headers: Record<string, string> =
    token === null ? {} : { Authorization: `Bearer ${token}` };
  const sent = await post(url, headers, '{}', clock);
  const expires = new Date(claims.exp * 1_000).toISOString();
  const identity = token
    ? [
        { name: 'Authorization', value: `Bearer ${token}` },
        { name: 'user_id', value: userId! },
        { name: 'exp', value: `${claims.exp} (${expires})` },
      ]
    : [];
  const answer = sent.status === 200 ? fieldsOf(sent.text) : null;
  return { at, agent: 'Fin', question, identity, forged, answer, ...sent };
}

/** A JWT signed by HS256. */
export function signToken(claims: Record<string, unknown>, secret: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
