import { fingerprint } from './fingerprint';
import type { StreamSummary } from './types';
import { bareAddressesIn } from './urls';

/**
 * What tells a session's summary from its others: when it was made and what it says, wherever it stands
 * among the actions it comes with this time, and whether or not queries were taken out of it on the way.
 */
export function summaryIdentity({ forwarded_at, summary }: StreamSummary): string {
  return fingerprint([forwarded_at, bareAddressesIn(summary)]);
}
