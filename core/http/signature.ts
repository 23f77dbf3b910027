import { createHmac, timingSafeEqual } from 'node:crypto';

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

/** Compares bytes, so that text outside ASCII cannot raise, without telling how much was right. */
export function constantTimeEqual(given: string, expected: string): boolean {
  const a = Buffer.from(given, 'utf8');
  const b = Buffer.from(expected, 'utf8');
  return a.length === b.length && timingSafeEqual(a, b);
}
