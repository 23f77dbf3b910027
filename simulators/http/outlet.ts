import type { Writable } from 'node:stream';

/** What a stream has carried, and what was lost on the way into it. */
export interface Counts {
  sent: number;
  dropped: number;
}

/** A way into a stream that does not wait for a slow reader. */
export interface Outlet {
  /** Sends, or queues while the socket is backed up, or drops when the queue is full. */
  deliver(bytes: string | Uint8Array): void;
  /** Whether what is written now would wait in the socket. */
  isBackedUp(): boolean;
  /** Writes past the queue; nothing is counted. */
  write(bytes: string | Uint8Array): void;
  /** Drops and counts what is queued. */
  clear(): void;
}

/**
 * A bounded queue before a stream. What does not fit is lost and only shows in `counts`: the reader cannot tell.
 */
export function createOutlet(
  stream: Pick<Writable, 'write' | 'on'>,
  queueSize: number,
  counts: Counts,
): Outlet {
  const waiting: (string | Uint8Array)[] = [];
  let backedUp = false;

  const write = (bytes: string | Uint8Array): void => void (backedUp = !stream.write(bytes));
  const send = (bytes: string | Uint8Array): void => {
    write(bytes);
    counts.sent += 1;
  };
  stream.on('drain', () => {
    backedUp = false;
    while (waiting.length > 0 && !backedUp) send(waiting.shift()!);
  });

  return {
    deliver(bytes) {
      if (!backedUp) send(bytes);
      else if (waiting.length < queueSize) waiting.push(bytes);
      else counts.dropped += 1;
    },
    isBackedUp: () => backedUp,
    write,
    clear() {
      counts.dropped += waiting.length;
      waiting.length = 0;
    },
  };
}
