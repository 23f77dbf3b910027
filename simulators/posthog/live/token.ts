import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a token of the live stream says. */
export interface LiveClaims {
  aud: string;
  team_id: number;
  api_token: string;
  user_id: number;
  organization_id: string;
  /** Epoch seconds. */
  exp: number;
}

export const AUDIENCE = 'posthog:livestream';

/** A JSON Web Token with these claims, signed with HS256. */
export function signToken(claims: LiveClaims, secret: string): string {
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${signature(signed, secret)}`;
}

/**
 * The claims of a token; undefined for one that was not signed with the secret, is for another service, or has
 * expired.
 *
 * @param now epoch milliseconds
 */
export function readToken(token: string, secret: string, now: number): LiveClaims | undefined {
  const [head = '', body = '', given = '', ...more] = token.split('.');
  const expected = signature(`${head}.${body}`, secret);
  const isSigned =
    given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
  if (!isSigned || more.length > 0 || algorithm(head) !== 'HS256') return undefined;
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as LiveClaims;
  return claims.aud === AUDIENCE && claims.exp * 1_000 > now ? claims : undefined;
}

const signature = (signed: string, secret: string): string =>
  createHmac('sha256', secret).update(signed).digest('base64url');

const algorithm = (head: string): unknown =>
  (JSON.parse(Buffer.from(head, 'base64url').toString('utf8')) as { alg?: unknown }).alg;
