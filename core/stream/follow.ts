import { EventSource, type EventSourceInit } from 'eventsource';
import type { Clock } from '../clock';
import { tapBody } from '../http/body';
import { connect, type ConnectOptions, type NoStream } from './connect';

interface FollowOptions extends Omit<ConnectOptions, 'clock'> {
  clock: Clock;
  /** The connection is given up after this long without a byte, in milliseconds. */
  watchdogMs: number;
  /** The server has accepted the request and the stream is open. */
  onOpen(): void;
  /** Bytes arrived, heartbeats included. */
  onBytes(count: number): void;
  /** The text of one unnamed event. Must not throw. */
  onFrame(text: string): void;
  /** The id of the last event has changed; '' if the server took it back. */
  onEventId?(id: string): void;
}

/** A frame is a few kilobytes. The limit keeps a server that sends a line without end from filling the memory. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/**
 * A stream may begin with one byte order mark. `EventSource` removes two of them, and would accept a first
 * line that the standard makes unreadable; so the first of the two is ours.
 */
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

/**
 * Follows one connection from the request to its end and reconnects never: what happens next is up to the
 * caller. Resolves with the reason for the end, at once when the signal aborts. Never rejects.
 *
 * `EventSource` reads the stream, and its `fetch` option is where the request is made. It is used for one
 * connection only, and closed at its first error, because it would reconnect by rules of its own: after a
 * delay that the server chooses, whatever the server answered, on a timer that tests cannot control.
 */
export function followConnection(options: FollowOptions): Promise<NoStream> {
  const { clock, watchdogMs, signal, onOpen, onBytes } = options;
  const { promise, resolve } = Promise.withResolvers<NoStream>();

  // The watchdog counts bytes, because heartbeats may be comments, which make no event. It starts
  // with the request, so that it also notices a server that never answers.
  const watchdog = createWatchdog(clock, watchdogMs, () =>
    end({ kind: 'outage', reason: `nothing has come for ${watchdogMs / 1_000} seconds` }),
  );

  const source = new FrameSource(options, {
    maxBufferSize: MAX_FRAME_BYTES,
    async fetch(url, { signal: closed }: { signal: AbortSignal }) {
      const connection = await connect({ ...options, signal: closed });
      if (connection.kind !== 'stream') {
        end(connection);
        throw closed.reason;
      }
      watchdog.touch();
      onOpen();
      const body = tapBody(connection.body, {
        prefix: BYTE_ORDER_MARK,
        onChunk(chunk) {
          watchdog.touch();
          onBytes(chunk.byteLength);
        },
      });
      const { status, headers } = connection;
      return { status, headers, body, redirected: false, url: String(url) };
    },
  });
  source.addEventListener('error', (event) => {
    const why = event.message ? ` (${event.message})` : '';
    end({ kind: 'outage', reason: `the connection was closed${why}` });
  });

  const stop = () => end({ kind: 'outage', reason: 'stopped' });
  function end(ending: NoStream): void {
    watchdog.stop();
    signal.removeEventListener('abort', stop);
    source.close();
    resolve(ending);
  }
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return promise;
}

/**
 * An `EventSource` that passes events on without listeners: Node's dispatch takes about as long as
 * parsing the frame. It also sees the ids of named events, which no listener for messages would.
 */
class FrameSource extends EventSource {
  readonly #options: FollowOptions;
  #eventId = '';

  constructor(options: FollowOptions, init: EventSourceInit) {
    super(options.url, init);
    this.#options = options;
  }

  override dispatchEvent(event: Event): boolean {
    if (!('data' in event)) return super.dispatchEvent(event);
    const { type, data, lastEventId } = event as Event & { data: string; lastEventId: string };
    if (lastEventId !== this.#eventId) {
      this.#eventId = lastEventId;
      this.#options.onEventId?.(lastEventId);
    }
    if (type === 'message') this.#options.onFrame(data);
    return true;
  }
}

/** Calls `onSilence` once, when `touch` has not been called for `ms` milliseconds. */
function createWatchdog(clock: Clock, ms: number, onSilence: () => void) {
  let quiet = true;
  let cancel = clock.after(ms, look);
  let touchedAt = clock.now();

  // One timer that checks when the last chunk came is cheaper than a new timer for each chunk.
  function look(): void {
    const rest = touchedAt + ms - clock.now();
    const again = !quiet && rest > 0;
    if (!again) return onSilence();
    quiet = true;
    // At most `ms`, even if the wall clock has been set back meanwhile.
    cancel = clock.after(Math.min(rest, ms), look);
  }

  return {
    touch() {
      quiet = false;
      touchedAt = clock.now();
    },
    stop: () => cancel(),
  };
}
