import { createHmac } from 'node:crypto';

import { pushBounded } from '../bounded';
import type { Clock } from '../../core/clock';
import { statusOf } from '../http/statusOf';

/** Where a product's activity is pushed instead of streamed. */
export interface PushTarget {
  url: string;
  /** The bearer token, and the key of the signature. */
  secret: string;
}

/** One attempt at delivering. */
interface PushAttempt {
  /** Epoch milliseconds at which it ended. */
  at: number;
  body: string;
  attempt: number;
  /** 0 when there was no answer in time or at all. */
  status: number;
}

interface PushStats {
  /** Frames that were acknowledged, each copy counted. */
  delivered: number;
  /** Attempts beyond the first. */
  retried: number;
  /** Frames that were given up. */
  dropped: number;
  /** Frames on their way, or waiting to be tried again. */
  pending: number;
}

/** Pushes one product's frames. */
export interface Pusher {
  send(frame: unknown): void;
  /** Delivers a frame's body once more, as a sender does that has missed the answer. */
  repeat(body: string): void;
  /** The newest attempts, oldest first. */
  readonly attempts: readonly PushAttempt[];
  stats(): PushStats;
  /** Cancels all repetitions. */
  stop(): void;
}

// Autoplay documents the first pauses and that it gives up. The number of attempts and the time it waits
// for an answer are assumed.
const FIRST_PAUSE_MS = 2_000;
const MOST_ATTEMPTS = 6;
const TIMEOUT_MS = 10_000;
const KEPT = 1_000;

/** Headers that prove that the sender of a body knows the secret. */
export function pushHeaders(body: string | Uint8Array, secret: string): Record<string, string> {
  return {
    Authorization: `Bearer ${secret}`,
    'X-Connector-Signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
}

/**
 * Delivers each frame by POST until an attempt is answered with 2xx: again after 2 s, 4 s, 8 s, …, six
 * attempts in all. Frames do not wait for each other, so a repeated one comes after later ones.
 */
export function createPusher({ url, secret }: PushTarget, clock: Clock): Pusher {
  const attempts: PushAttempt[] = [];
  const retries = new Set<() => void>();
  const counts = { delivered: 0, retried: 0, dropped: 0, pending: 0 };
  let stopped = false;

  const end = (outcome: 'delivered' | 'dropped'): void => {
    counts[outcome] += 1;
    counts.pending -= 1;
  };

  const post = async (body: string, attempt: number): Promise<void> => {
    const headers = { 'Content-Type': 'application/json', ...pushHeaders(body, secret) };
    const status = await statusOf(url, { method: 'POST', headers, body }, TIMEOUT_MS, clock);
    pushBounded(attempts, { at: clock.now(), body, attempt, status }, KEPT);
    if (status >= 200 && status < 300) return end('delivered');
    if (stopped || attempt === MOST_ATTEMPTS) return end('dropped');
    const cancel = clock.after(FIRST_PAUSE_MS * 2 ** (attempt - 1), () => {
      retries.delete(cancel);
      counts.retried += 1;
      void post(body, attempt + 1);
    });
    retries.add(cancel);
  };

  const repeat = (body: string): void => {
    counts.pending += 1;
    void post(body, 1);
  };

  return {
    attempts,
    repeat,
    send: (frame) => repeat(JSON.stringify(frame)),
    stats: () => ({ ...counts }),
    stop() {
      stopped = true;
      for (const cancel of retries) {
        cancel();
        end('dropped');
      }
      retries.clear();
    },
  };
}
