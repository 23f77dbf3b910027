import { createHmac } from 'node:crypto';
import { constantTimeEqual } from './signature';

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** The standard's least length of a key. Senders refuse to sign with less. */
const LEAST_BYTES = 24;
/** How far the sender's clock may differ from ours, either way, in seconds. */
const TOLERANCE_S = 300;
/** A sender that changes its secret signs with the old and the new one. More signatures are no honest sender's. */
const MOST_SIGNATURES = 20;

/**
 * The key of a signing secret: its base64 part, with or without `whsec_` before it. Undefined for a secret that is
 * missing, damaged or too short, which proves nothing.
 */
export function signingKey(secret: string): Buffer | undefined {
  const trimmed = secret.trim();
  const encoded = trimmed.startsWith(PREFIX) ? trimmed.slice(PREFIX.length) : trimmed;
  if (!BASE64.test(encoded)) return undefined;
  const key = Buffer.from(encoded, 'base64');
  return key.length >= LEAST_BYTES ? key : undefined;
}

/** A new secret, `whsec_` and the base64 form of 32 bytes. @param randomBytes gives so many unpredictable bytes */
export function newSigningSecret(randomBytes: (size: number) => Uint8Array): string {
  return PREFIX + Buffer.from(randomBytes(32)).toString('base64');
}

/**
 * Whether a delivery is signed with the secret by the rules of Standard Webhooks, at most five minutes before or after
 * `now`. One right signature among several is enough. Everything is refused where the secret is no usable one.
 *
 * @param headers by names in lower case
 * @param rawBody the bytes as they arrived; JSON that was parsed and written again never verifies
 * @param now milliseconds since the epoch
 */
export function hasStandardSignature(
  headers: Readonly<Record<string, unknown>>,
  rawBody: Buffer | undefined,
  secret: string,
  now: number,
): boolean {
  const key = signingKey(secret);
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const given = headers['webhook-signature'];
  if (!key || !rawBody || typeof given !== 'string') return false;
  if (typeof id !== 'string' || id === '' || !isFresh(timestamp, now)) return false;
  const hmac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(rawBody);
  const expected = `v1,${hmac.digest('base64')}`;
  // All are compared, so that the time does not show which one is right.
  return given
    .split(' ', MOST_SIGNATURES)
    .map((one) => constantTimeEqual(one, expected))
    .includes(true);
}

function isFresh(timestamp: unknown, now: number): timestamp is string {
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return false;
  return Math.abs(Math.floor(now / 1_000) - Number(timestamp)) <= TOLERANCE_S;
}
