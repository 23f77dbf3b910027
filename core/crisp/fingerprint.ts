import { createHash, createHmac } from 'node:crypto';

/** Fingerprints have 15 digits, as those that Crisp makes: 9 by chance, 6 that prove whose it is. */
const PROOF = 1_000_000;
const SMALLEST = 100_000_000;
const HEADS = 900_000_000;

/**
 * A fingerprint for a message of ours: the same for the same seed, so that a message whose outcome
 * was never learnt can be found again, and recognisable as ours by everybody who has the secret.
 *
 * @param seed what makes the message this one
 * @param secret the token's key
 */
export function makeFingerprint(seed: string, secret: string): number {
  const number = createHash('sha256').update(seed).digest().readUIntBE(0, 6);
  const head = SMALLEST + (number % HEADS);
  return head * PROOF + proof(head, secret);
}

/**
 * Whether a message was sent with this secret. One of somebody else's in a million is taken for ours.
 */
export function isOwnFingerprint(fingerprint: number, secret: string): boolean {
  if (!Number.isSafeInteger(fingerprint) || fingerprint < SMALLEST * PROOF) return false;
  const head = Math.floor(fingerprint / PROOF);
  return head < SMALLEST + HEADS && fingerprint % PROOF === proof(head, secret);
}

function proof(head: number, secret: string): number {
  const digest = createHmac('sha256', secret).update(`message ${head}`).digest();
  return digest.readUIntBE(0, 6) % PROOF;
}
