import type { Clock } from '../clock';
import { LeaseLostError, type Claim, type SessionMemory } from '../memory/types';

/** How long a claim outlives its holder; one who is alive renews it long before. */
export const LEASE_MS = 45_000;
const RENEW_EVERY_MS = LEASE_MS / 3;
/**
 * How long a claim has to last, at the least, when a note leaves: a request ends within 20 s, and only 10 s
 * later (see SETTLE_MS) may whoever has taken the claim over rely on what they find in the conversation.
 */
const LEFT_AT_LEAST_MS = LEASE_MS - RENEW_EVERY_MS;

interface LeaseParts {
  memory: Pick<SessionMemory, 'extend'>;
  clock: Clock;
}

/**
 * Renews a claim while `work` goes on, which may wait long for its turn or because the chat product says so.
 * Otherwise the claim would lapse, and whoever took it over would look for a note that is still on its way.
 *
 * @param work gets a function that makes certain that the claim lasts as long as a request may take, and throws
 *   if it does not. To be called right before a request that must not be made twice: the machine may have
 *   stood still since the last renewal.
 */
export async function whileRenewing<T>(
  { memory, clock }: LeaseParts,
  claim: Claim,
  work: (ensure: () => Promise<void>) => Promise<T>,
): Promise<T> {
  let ended = false;
  let cancel = () => {};
  // The memory may go by another clock.
  let until = Math.min(claim.until, clock.now() + LEASE_MS);

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
      const left = until - clock.now();
      // More than a whole lease is left where the clock was set back, and then the claim may be taken over.
      if (left < LEFT_AT_LEAST_MS || left > LEASE_MS) await renew();
    });
  } finally {
    ended = true;
    cancel();
  }
}
