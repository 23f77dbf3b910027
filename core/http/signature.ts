import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/**
 * Checks a header of the form `sha1=<hex>` or `sha256=<hex>` against the HMAC of the raw body, in
 * constant time. Anything malformed is simply not valid.
 */
export function hasValidSignature(
  algorithm: 'sha1' | 'sha256',
  header: unknown,
  rawBody: Buffer,
  secret: string,
): boolean {
  if (typeof header !== 'string') return false;
  const expected = `${algorithm}=${createHmac(algorithm, secret).update(rawBody).digest('hex')}`;
  return constantTimeEqual(header.trim().toLowerCase(), expected);
}

/** Compares without telling, by the time it takes, how much was right or how long it should be. */
export function constantTimeEqual(given: string, expected: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'));
}

/** Whether there is a secret at all: what is signed with nothing, or with a space, proves nothing. */
export function isSecret(secret: string): boolean {
  return secret.trim() !== '';
}
