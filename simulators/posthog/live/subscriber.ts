import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';

import { type Counts, createOutlet } from '../../http/outlet';

/** Frames kept for a reader whose socket is backed up, as in the vendor's server. */
const QUEUE_SIZE = 100;

interface Parts {
  response: ServerResponse;
  /** Whether the client asked for gzip. */
  gzip: boolean;
  /** Whether the head is sent before there is anything to send. */
  headAtOnce: boolean;
  /** Whether frames are sent in pieces. */
  inPieces: () => boolean;
  counts: Counts;
}

export interface Subscriber {
  /** Sends a frame, or queues it, or drops it without a word. */
  deliver(frame: string | Uint8Array): void;
  /** Ends the stream as a server does that has finished. */
  end(): void;
  /** Cuts the connection. */
  cut(): void;
}

/** One open stream. The head goes out with the first frame, because the vendor's server flushes only then. */
export function createSubscriber(parts: Parts): Subscriber {
  const { response, gzip, headAtOnce, inPieces, counts } = parts;
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache',
    Connection: 'keep-alive',
    ...(gzip && { 'Content-Encoding': 'gzip' }),
  });
  if (headAtOnce) response.flushHeaders();
  const packer = gzip ? createGzip() : undefined;
  packer?.pipe(response);
  const sink: Writable = packer ?? response;
  const write = (bytes: string | Uint8Array): boolean => {
    // It counts as open until its reader has noticed.
    if (sink.writableEnded) return true;
    const pieces = inPieces() ? cutUp(Buffer.from(bytes)) : [bytes];
    const free = pieces.map((piece) => sink.write(piece));
    packer?.flush(constants.Z_SYNC_FLUSH);
    return free.every(Boolean);
  };
  // A stream reports its errors to listeners only; that a reader has gone is none.
  response.on('error', () => {});
  const outlet = createOutlet({ write, on: sink.on.bind(sink) }, QUEUE_SIZE, counts);
  return {
    deliver: outlet.deliver,
    end: () => void sink.end(),
    cut: () => response.destroy(),
  };
}

/** Pieces that end inside the first character of several bytes, and inside the blank line at the end. */
function cutUp(bytes: Buffer): Buffer[] {
  const special = bytes.findIndex((byte) => byte >= 0x80);
  const inside = special < 0 ? bytes.length >> 1 : special + 1;
  return [
    bytes.subarray(0, inside),
    bytes.subarray(inside, bytes.length - 1),
    bytes.subarray(bytes.length - 1),
  ];
}
