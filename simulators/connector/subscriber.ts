import type { ServerResponse } from 'node:http';

import type { Clock } from '../../core/clock';
import { type Counts, createOutlet } from '../http/outlet';
import { HEARTBEAT } from './frames';

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
  const outlet = createOutlet(response, queueSize, counts);
  let silent = false;
  let stopBeating = () => {};

  const beat = (): void => {
    stopBeating = clock.after(heartbeatMs, () => {
      if (!silent && !outlet.isBackedUp()) outlet.write(HEARTBEAT);
      beat();
    });
  };

  response.on('close', () => stopBeating());
  beat();

  return {
    deliver(bytes) {
      if (silent) counts.dropped += 1;
      else outlet.deliver(bytes);
    },
    fallSilent() {
      silent = true;
      outlet.clear();
    },
    cut: () => response.destroy(),
  };
}
