import type { ServerResponse } from 'node:http';

import type { Clock } from '../../core/clock';
import { HEARTBEAT } from './frames';

export interface Counts {
  sent: number;
  dropped: number;
}

export interface Subscriber {
  /** Sends, or queues while the socket is backed up, or drops when the queue is full. */
  deliver(bytes: string | Uint8Array): void;
  /** From now on the connection stays open and nothing passes: half-open, as after a lost network. */
  fallSilent(): void;
  /** Cuts the connection. */
  cut(): void;
}

interface Parts {
  response: ServerResponse;
  queueSize: number;
  heartbeatMs: number;
  clock: Clock;
  counts: Counts;
}

/**
 * One open stream with its own bounded queue. What does not fit is lost and only shows in `counts`:
 * the client cannot tell, exactly as with the real connector.
 */
export function createSubscriber(parts: Parts): Subscriber {
  const { response, queueSize, heartbeatMs, clock, counts } = parts;
  const waiting: (string | Uint8Array)[] = [];
  let backedUp = false;
  let silent = false;
  let stopBeating = () => {};

  const write = (bytes: string | Uint8Array): void => {
    backedUp = !response.write(bytes);
    counts.sent += 1;
  };

  const beat = (): void => {
    stopBeating = clock.after(heartbeatMs, () => {
      if (!silent && !backedUp) backedUp = !response.write(HEARTBEAT);
      beat();
    });
  };

  response.on('drain', () => {
    backedUp = false;
    while (waiting.length > 0 && !backedUp) write(waiting.shift()!);
  });
  response.on('close', () => stopBeating());
  beat();

  return {
    deliver(bytes) {
      if (silent) counts.dropped += 1;
      else if (!backedUp) write(bytes);
      else if (waiting.length < queueSize) waiting.push(bytes);
      else counts.dropped += 1;
    },
    fallSilent() {
      silent = true;
      counts.dropped += waiting.length;
      waiting.length = 0;
    },
    cut: () => response.destroy(),
  };
}
