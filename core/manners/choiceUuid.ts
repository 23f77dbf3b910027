import { createHash } from 'node:crypto';

/** The namespace of our choices, made at random once. */
const NAMESPACE = Buffer.from('6f1c8b0e5d0c4a0f9a550c1f2b7e4d93', 'hex');

/**
 * The UUID (version 5) of an offer's choice, for chat products that identify a choice by nothing else. The same choice
 * of the same offer has the same one in each attempt to send it, and no other choice has it.
 *
 * @param value the choice's own, see {@link Choice}
 */
export function choiceUuid(offerId: string, value: string): string {
  const hash = createHash('sha1')
    .update(NAMESPACE)
    .update(JSON.stringify([offerId, value]))
    .digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  const ends = [8, 12, 16, 20, 32];
  return ends.map((end, i) => hex.slice(ends[i - 1] ?? 0, end)).join('-');
}
