import type { Clock } from '../clock';
import { LeaseLostError } from '../memory/errors';

/** How long a claim outlives its holder. A living holder renews it long before. */
export const LEASE_MS = 45_000;
const RENEW_EVERY_MS = LEASE_MS / 3;
/**
 * How long a claim has to last at least when a note leaves. The request ends within 20 s. Only 10 s later (SETTLE_MS)
 * may the next holder of the claim believe what it finds in the conversation.
 */
const LEFT_AT_LEAST_MS = LEASE_MS - RENEW_EVERY_MS;

/** The pause between two checks whether another holder, such as another process, has released its claim. */
export const WAIT_MS = 200;
/**
 * The maximum number of such checks, by what the other holder does. A slow conversation must not hold up many
 * executions, so a delivery is left to the other soon. Nothing is lost: a delivery that takes longer than this checks
 * for new activity itself (SLOW_MS in `deliver.ts`). A replacement does not, so it is waited for as long as its claim
 * can last.
 */
export const MAX_WAITS = { delivery: 15, replacement: (LEASE_MS + 15_000) / WAIT_MS };

/** The right to something, until it lapses. */
interface Held {
  /** In milliseconds since the epoch. */
  until: number;
}

interface LeaseParts<Claim extends Held> {
  memory: { extend(claim: Claim, leaseMs: number): Promise<void> };
  clock: Clock;
}

/**
 * Renews a claim while `work` runs, which may wait long for its turn or for the chat product. If the claim lapsed, its
 * next holder would look for a note that is still on its way.
 *
 * @param work gets a function that makes sure the claim outlasts a request, and throws if it does not. To be called
 *   right before a request that must not be made twice, because the machine may have been suspended since the last
 *   renewal.
 */
export async function whileRenewing<Claim extends Held, T>(
  { memory, clock }: LeaseParts<Claim>,
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
        // A storage that fails may recover in time. A lost claim shows when the outcome is committed.
        if (!(error instanceof LeaseLostError)) renewLater();
      });
    });
  }

  renewLater();
  try {
    return await work(async () => {
      const left = until - clock.now();
      // More than a whole lease is left only if the clock was set back, and then the claim may have lapsed.
      if (left < LEFT_AT_LEAST_MS || left > LEASE_MS) await renew();
    });
  } finally {
    ended = true;
    cancel();
  }
}
