import type { Clock } from '../clock';
import { LeaseLostError, type Claim, type SessionMemory } from '../memory/types';

/** How long a claim outlives its holder; one who is alive renews it long before. */
export const LEASE_MS = 45_000;
const RENEW_EVERY_MS = LEASE_MS / 3;
/**
 * What is left of a claim, at the least, when a note leaves: a request ends within 20 s, and 10 s
 * later whoever has taken the claim over may rely on the conversation.
 */
const LEFT_AT_LEAST_MS = LEASE_MS - RENEW_EVERY_MS;

export interface LeaseParts {
  memory: Pick<SessionMemory, 'extend'>;
  clock: Clock;
}

/**
 * Keeps the claim while `work` goes on, which may wait long for its turn or as the chat product
 * demands: whoever took the claim over meanwhile would look for a note that is still on its way.
 *
 * @param work gets a function that throws unless the claim is ours for as long as a request may be
 *   on its way; to be called right before one leaves that must not be made twice. The machine may
 *   have stood still in between.
 */
export async function whileRenewing<T>(
  { memory, clock }: LeaseParts,
  claim: Claim,
  work: (ensure: () => Promise<void>) => Promise<T>,
): Promise<T> {
  let ended = false;
  let cancel = () => {};
  let { until } = claim;

  async function renew(): Promise<void> {
    const next = clock.now() + LEASE_MS;
    await memory.extend(claim, LEASE_MS);
    until = next;
  }
  function renewLater(): void {
    if (ended) return;
    cancel = clock.after(RENEW_EVERY_MS, () => {
      renew().then(renewLater, (error: unknown) => {
        // A storage that fails may come back in time. That a claim is lost shows when the outcome is booked.
        if (!(error instanceof LeaseLostError)) renewLater();
      });
    });
  }

  renewLater();
  try {
    return await work(async () => {
      if (until - clock.now() < LEFT_AT_LEAST_MS) await renew();
    });
  } finally {
    ended = true;
    cancel();
  }
}
