import { hash } from 'node:crypto';
import type { StreamSummary } from './types';
import { bareAddressesIn } from './urls';

/**
 * Tells contents apart by 132 bits of SHA-256, as 22 characters of base64url.
 *
 * Databases hold these since 0.1.0. If the hash or the content that a caller gives it changes, an action
 * that is delivered again after an update is stored twice.
 */
export function fingerprint(content: string): string {
  return hash('sha256', content, 'base64url').slice(0, 22);
}

/**
 * Tells a session's summary from its others, by its time and its text. The place among the actions does not
 * count, because it depends on the delivery; nor do queries, because they may have been removed on the way.
 */
export function summaryIdentity({ forwarded_at, summary }: StreamSummary): string {
  return fingerprint(`${forwarded_at}\0${bareAddressesIn(summary)}`);
}
