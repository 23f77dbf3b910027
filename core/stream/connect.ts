import type { Clock } from '../clock';
import { describe } from '../http/fetchErrors';
import { isSendable } from '../http/secrets';
import { classifyResponse, type Verdict } from './classify';
import { brokenToken, redirectedInCircles } from './problems';

export interface ConnectOptions {
  /** The whole URL of the stream, http or https. */
  url: string;
  /** May be empty: then no `Authorization` is sent. */
  token: string;
  /** The id of the last event that had one. A connector that can go on after it does not repeat what came before. */
  lastEventId?: string;
  fetch: typeof fetch;
  clock: Pick<Clock, 'now'>;
  signal: AbortSignal;
}

/** A stream that is open, or why there is none. */
export type Connection =
  | { kind: 'stream'; body: ReadableStream<Uint8Array> }
  | Extract<Verdict, { kind: 'refused' | 'outage' }>;

const MAX_REDIRECTS = 5;
/** Servers refuse requests with long headers; an id that long would keep the stream away for good. */
const LONGEST_ID = 1_000;

/**
 * Asks for the stream and looks at the head of the answer. Redirects are followed here and not by
 * `fetch`, because HTTP clients differ in what they do with the token on the way to another host.
 * Never throws, except the signal's reason when aborted.
 */
export async function connect({
  url,
  token,
  lastEventId = '',
  fetch,
  clock,
  signal,
}: ConnectOptions): Promise<Connection> {
  if (!isSendable(token)) return { kind: 'refused', problem: brokenToken() };
  const headers = {
    accept: 'text/event-stream',
    'cache-control': 'no-cache',
    ...(token !== '' && { authorization: `Bearer ${token}` }),
    ...(isId(lastEventId) && { 'last-event-id': asHeader(lastEventId) }),
  };
  let at = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    let response: Response;
    try {
      response = await fetch(at, { headers, signal, redirect: 'manual' });
    } catch (error) {
      signal.throwIfAborted();
      return { kind: 'outage', reason: unreached(error) };
    }
    const verdict = classifyResponse(response, at, clock.now());
    if (verdict.kind === 'stream' && response.body) return { kind: 'stream', body: response.body };
    void response.body?.cancel().catch(() => {});
    if (verdict.kind === 'stream') return { kind: 'outage', reason: 'the answer has no body' };
    if (verdict.kind !== 'redirect') return verdict;
    at = verdict.url;
  }
  return { kind: 'refused', problem: redirectedInCircles() };
}

/** Whether a header can hold it. */
function isId(id: string): boolean {
  return id !== '' && id.length <= LONGEST_ID && !/[\x00-\x1f\x7f]/.test(id);
}

/** The standard sends ids in UTF-8; a header's characters are bytes. */
function asHeader(id: string): string {
  return Buffer.from(id).toString('latin1');
}

function unreached(error: unknown): string {
  const { message, code } = describe(error);
  const why = code && !message.includes(code) ? `${message}, ${code}` : message;
  return `the connector cannot be reached (${why})`;
}
