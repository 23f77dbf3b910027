import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/**
 * Checks a header of the form `sha1=<hex>` or `sha256=<hex>` against the HMAC of the raw body, in constant
 * time. A malformed header is invalid.
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

/** Compares two texts in a time that reveals neither how much of the given one is right nor the expected length. */
export function constantTimeEqual(given: string, expected: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'));
}

/** Whether a secret is set. A signature made with an empty or blank one proves nothing. */
export function isSecret(secret: string): boolean {
  return secret.trim() !== '';
}
