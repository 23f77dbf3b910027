import { EventSource, type EventSourceInit } from 'eventsource';
import type { Clock } from '../clock';
import { tapBody } from '../http/body';
import type { Verdict } from './classify';
import { connect, type ConnectOptions } from './connect';
import { createWatchdog } from './watchdog';

export interface HoldOptions extends Omit<ConnectOptions, 'clock'> {
  clock: Clock;
  /** The connection is given up after this long without a byte, in milliseconds. */
  watchdogMs: number;
  /** The server has accepted and the stream is open. */
  onOpen(): void;
  /** Bytes came, heartbeats included. */
  onBytes(count: number): void;
  /** The text of one unnamed event. Must not throw. */
  onFrame(text: string): void;
  /** The server has given an event another id than the one before; '' takes it back. */
  onEventId?(id: string): void;
}

/** Why a connection ended or never came about. */
export type Ending = Extract<Verdict, { kind: 'refused' | 'outage' }>;

/** A frame is a few kilobytes; a server that sends a line without end must not fill the memory. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/**
 * A stream may begin with one. `EventSource` takes away two, the second together with the line that it
 * makes unreadable; so the first is ours.
 */
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

/**
 * One connection, from the request to its end; nothing is tried again. Resolves at once when the
 * signal aborts. Never rejects.
 */
export function holdConnection(options: HoldOptions): Promise<Ending> {
  const { clock, watchdogMs, signal, onOpen, onBytes } = options;
  const { promise, resolve } = Promise.withResolvers<Ending>();

  // Heartbeats need not come out of the parser as events, so silence is judged by bytes; and since
  // the watch begins with the request, a server that never answers is noticed as well.
  const watchdog = createWatchdog(clock, watchdogMs, () =>
    end({ kind: 'outage', reason: `nothing has come for ${watchdogMs / 1_000} seconds` }),
  );

  // `EventSource` would reconnect by itself, after a fixed delay and whatever the answer was. It is
  // closed on its first error, so that it parses one connection and decides nothing.
  const source = new FrameSource(options, {
    maxBufferSize: MAX_FRAME_BYTES,
    async fetch(_url, init) {
      const own = init.signal as AbortSignal;
      const connection = await connect({ ...options, signal: own });
      if (connection.kind !== 'stream') {
        end(connection);
        throw own.reason;
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
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    },
  });
  source.addEventListener('error', (event) => {
    const why = event.message ? ` (${event.message})` : '';
    end({ kind: 'outage', reason: `the connection was closed${why}` });
  });

  const stop = () => end({ kind: 'outage', reason: 'stopped' });
  function end(ending: Ending): void {
    watchdog.stop();
    signal.removeEventListener('abort', stop);
    source.close();
    resolve(ending);
  }
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return promise;
}

/** An `EventSource` that hands frames on directly: looking for listeners takes as long as reading the frame. */
class FrameSource extends EventSource {
  readonly #options: HoldOptions;
  #eventId = '';

  constructor(options: HoldOptions, init: EventSourceInit) {
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
