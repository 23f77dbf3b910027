import { errors, importSPKI, jwtVerify, type CryptoKey } from 'jose';
import { personIdOrNull } from '../identity';
import { asError } from '../values';

/** The algorithms that a token may have; which one is a setting, never the token's word. */
export type TokenAlgorithm = 'HS256' | 'RS256' | 'ES256';

/** What a token has to prove. */
export interface TokenRules {
  algorithm: TokenAlgorithm;
  /** The shared secret of HS256, or the public key as PEM. */
  key: string;
  /** The `aud` that the token must have; '' for any. */
  audience: string;
}

/** A token is a visitor's for a visit. One that is valid for longer would be as good as a password, in seconds. */
export const LONGEST_VALIDITY_S = 86_400;
/** How far the clocks of the site and of n8n may differ, in seconds. */
const TOLERANCE_S = 30;
/** No honest token is longer, in characters. */
const MAX_TOKEN = 8_192;

/** Whom a token names, or why it is refused. */
export type TokenHolder = { ok: true; userId: string } | { ok: false; why: TokenRefusal };
export type TokenRefusal = 'no_token' | 'expired' | 'lasts_too_long' | 'no_user' | 'invalid_token';

/**
 * The user whom a token (JWT) of the site's own server names, by its claim `user_id` or else `sub`.
 *
 * @param now milliseconds since the epoch
 * @throws Error for a key that is no key of the algorithm
 */
export async function readUserToken(
  token: string,
  rules: TokenRules,
  now: number,
): Promise<TokenHolder> {
  const { algorithm, audience } = rules;
  if (token === '') return { ok: false, why: 'no_token' };
  if (token.length > MAX_TOKEN) return { ok: false, why: 'invalid_token' };
  const key = await verifyingKey(rules);
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      requiredClaims: ['exp'],
      clockTolerance: TOLERANCE_S,
      currentDate: new Date(now),
      ...(audience !== '' && { audience }),
    });
    if (payload.exp! > now / 1_000 + LONGEST_VALIDITY_S + TOLERANCE_S) {
      return { ok: false, why: 'lasts_too_long' };
    }
    const userId = personIdOrNull(payload.user_id ?? payload.sub);
    return userId === null ? { ok: false, why: 'no_user' } : { ok: true, userId };
  } catch (error) {
    return { ok: false, why: error instanceof errors.JWTExpired ? 'expired' : 'invalid_token' };
  }
}

/** HS256 is as strong as its secret: 256 bits want 32 characters at least. */
const LEAST_SECRET = 32;
/** What RS256 asks of a key, in bits. */
const LEAST_RSA = 2_048;

/** What is wrong with the key, in a sentence; undefined if nothing is. */
export async function tokenKeyFault(rules: TokenRules): Promise<string | undefined> {
  if (rules.algorithm === 'HS256') {
    if (rules.key.length >= LEAST_SECRET) return undefined;
    return `The secret of the User tokens has fewer than ${LEAST_SECRET} characters, so it could be guessed.`;
  }
  try {
    const { algorithm } = (await verifyingKey(rules)) as CryptoKey;
    const isShort = 'modulusLength' in algorithm && Number(algorithm.modulusLength) < LEAST_RSA;
    if (!isShort) return undefined;
    return `The public key of the User tokens has fewer than ${LEAST_RSA} bits, so no token is accepted.`;
  } catch (error) {
    return `The public key of the User tokens is no ${rules.algorithm} key in PEM form: ${asError(error).message}.`;
  }
}

async function verifyingKey({ algorithm, key }: TokenRules): Promise<Uint8Array | CryptoKey> {
  if (algorithm === 'HS256') return new TextEncoder().encode(key);
  // A field of one line makes blanks of the line breaks, which the reader of keys ignores.
  return await importSPKI(key, algorithm);
}
