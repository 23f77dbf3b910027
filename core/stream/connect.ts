import type { Clock } from '../clock';
import { describe } from '../http/fetchErrors';
import { readRetryAfter } from '../http/retries';
import { decoded, isSendable } from '../http/secrets';
import {
  brokenToken,
  CONNECTOR,
  notAStream,
  redirectedAway,
  redirectedInCircles,
  refusal,
  type Problem,
  type StreamServer,
} from './problems';

export interface ConnectOptions {
  /** The whole URL of the stream, http or https. */
  url: string;
  /** If empty, no `Authorization` is sent. */
  token: string;
  /** The id of the last event that had one. A connector that understands it repeats nothing from before that event. */
  lastEventId?: string;
  /** Whose stream it is, for the words of problems; a connector of Autoplay by default. */
  server?: StreamServer;
  fetch: typeof fetch;
  clock: Pick<Clock, 'now'>;
  signal: AbortSignal;
}

/** The parts of a response that decide, before any of its body is read. */
interface ResponseHead {
  status: number;
  headers: Pick<Headers, 'get'>;
}

/** Why there is no stream, or no longer one. */
export type NoStream =
  /** Will not pass by itself. */
  | { kind: 'refused'; problem: Problem }
  /** May pass by itself. `reason` completes "no stream: …". */
  | { kind: 'outage'; reason: string; retryAfterMs?: number };

/** What the head of a response means. */
type Verdict =
  | { kind: 'stream' }
  /** The stream is at this URL. */
  | { kind: 'redirect'; url: string }
  | NoStream;

/** A stream that is open, or why there is none. */
type Connection = (ResponseHead & { kind: 'stream'; body: ReadableStream<Uint8Array> }) | NoStream;

const MAX_REDIRECTS = 5;
/** Servers refuse requests with long headers; sending a longer id would keep the stream away for good. */
const MAX_ID_CHARS = 1_000;
/** Refusals that may pass by themselves: a timeout, too early, too many requests. */
const MAY_PASS = [408, 425, 429];

/**
 * Asks for the stream and reads the head of the answer. Follows redirects itself, because HTTP clients
 * differ in whether they send the token to another host. Throws only the signal's reason, when aborted.
 */
export async function connect({
  url,
  token,
  lastEventId = '',
  server = CONNECTOR,
  fetch,
  clock,
  signal,
}: ConnectOptions): Promise<Connection> {
  if (!isSendable(token)) return { kind: 'refused', problem: brokenToken() };
  const headers = {
    accept: 'text/event-stream',
    'cache-control': 'no-cache',
    ...(token !== '' && { authorization: `Bearer ${token}` }),
    ...(isSendableId(lastEventId) && { 'last-event-id': asHeader(lastEventId) }),
  };
  let at = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    let response: Response;
    try {
      response = await fetch(at, { headers, signal, redirect: 'manual' });
    } catch (error) {
      signal.throwIfAborted();
      return { kind: 'outage', reason: unreached(error, server) };
    }
    const { status, body } = response;
    const verdict = classifyResponse(response, at, clock.now(), server);
    if (verdict.kind === 'stream' && body) {
      return { kind: 'stream', status, headers: response.headers, body };
    }
    void body?.cancel().catch(() => {});
    if (verdict.kind === 'stream') return { kind: 'outage', reason: 'the answer has no body' };
    if (verdict.kind !== 'redirect') return verdict;
    at = verdict.url;
  }
  return { kind: 'refused', problem: redirectedInCircles(server) };
}

/** Reads the head of a response to `url`. `now` is in epoch milliseconds. */
export function classifyResponse(
  { status, headers }: ResponseHead,
  url: string,
  now: number,
  server = CONNECTOR,
): Verdict {
  if (status === 200) {
    const contentType = headers.get('content-type');
    if (/^\s*text\/event-stream\s*(;|$)/i.test(contentType ?? '')) return { kind: 'stream' };
    return { kind: 'refused', problem: notAStream(status, contentType, server) };
  }
  if (status >= 300 && status < 400 && status !== 304) {
    return classifyRedirect(status, headers.get('location'), url, server);
  }
  if (status >= 500 || MAY_PASS.includes(status)) {
    const retryAfterMs = readRetryAfter(headers.get('retry-after'), now);
    const reason = `${server.name} answers with HTTP ${status}`;
    return { kind: 'outage', reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  if (status > 200 && status < 300) {
    return { kind: 'refused', problem: notAStream(status, headers.get('content-type'), server) };
  }
  return { kind: 'refused', problem: refusal(status, server) };
}

function classifyRedirect(
  status: number,
  location: string | null,
  url: string,
  server: StreamServer,
): Verdict {
  const from = new URL(url);
  // An empty location would lead to the same URL, again and again.
  const to = location?.trim() ? URL.parse(location, url) : null;
  if (!to) return { kind: 'refused', problem: refusal(status, server) };
  const downgrade = from.protocol === 'https:' && to.protocol !== 'https:';
  if (to.host !== from.host || downgrade) {
    return { kind: 'refused', problem: redirectedAway(downgrade ? to.origin : to.host, server) };
  }
  return { kind: 'redirect', url: to.href };
}

/** The product that a stream's URL names: the last part of its path, or '' if there is none. */
export function productOfUrl(url: string): string {
  const parts = URL.parse(url)?.pathname.split('/') ?? [];
  return decoded(parts.findLast((part) => part !== '') ?? '');
}

function isSendableId(id: string): boolean {
  return id !== '' && id.length <= MAX_ID_CHARS && !/[\x00-\x1f\x7f]/.test(id);
}

/** The standard sends ids as UTF-8, while each character of a header is one byte. */
function asHeader(id: string): string {
  return Buffer.from(id).toString('latin1');
}

function unreached(error: unknown, { name }: StreamServer): string {
  const { message, code } = describe(error);
  const why = code && !message.includes(code) ? `${message}, ${code}` : message;
  return `${name} cannot be reached (${why})`;
}
