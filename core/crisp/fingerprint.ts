import { createHash, createHmac } from 'node:crypto';

/** Fingerprints have 15 digits, as Crisp's own do: 9 that identify the message, 6 that prove it is ours. */
const PROOF = 1_000_000;
const SMALLEST = 100_000_000;
const HEADS = 900_000_000;

/**
 * The fingerprint for a message of ours. The same seed gives the same fingerprint, so that a message with an unknown
 * outcome can be found; every process with the secret recognises it as ours.
 *
 * @param seed what identifies the message
 * @param secret the token's key
 */
export function makeFingerprint(seed: string, secret: string): number {
  const number = createHash('sha256').update(seed).digest().readUIntBE(0, 6);
  const head = SMALLEST + (number % HEADS);
  return head * PROOF + proof(head, secret);
}

/** Whether a message was sent with this secret. One foreign message in a million is taken for ours. */
export function isOwnFingerprint(fingerprint: number, secret: string): boolean {
  if (!Number.isSafeInteger(fingerprint) || fingerprint < SMALLEST * PROOF) return false;
  const head = Math.floor(fingerprint / PROOF);
  return head < SMALLEST + HEADS && fingerprint % PROOF === proof(head, secret);
}

function proof(head: number, secret: string): number {
  const digest = createHmac('sha256', secret).update(`message ${head}`).digest();
  return digest.readUIntBE(0, 6) % PROOF;
}
