import { Readable } from 'node:stream';
import { asError } from '../values';
import { tapBody } from './body';
import { toFetchError } from './fetchErrors';

/** A request, by the names of n8n's `helpers.httpRequest`. */
interface HelperRequest {
  url: string;
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  headers: Record<string, string>;
  body?: string | Buffer;
  encoding: 'stream';
  returnFullResponse: true;
  ignoreHttpStatusErrors: true;
  disableFollowRedirect: boolean;
  sendCredentialsOnCrossOriginRedirect: false;
  abortSignal: AbortSignal;
  /** Longest silence of the connection, in milliseconds. */
  timeout?: number;
}

/** A function like n8n's `helpers.httpRequest`. It resolves to a full response, whose body is a stream. */
export type HelperFunction = (request: HelperRequest) => Promise<unknown>;

interface FetchOverHelperOptions {
  /** Longest silence of the connection, in milliseconds. Default: the helper's own (n8n: 300 s). */
  timeoutMs?: number;
}

interface FullResponse {
  statusCode: number;
  statusMessage?: string;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

const WITHOUT_BODY = [101, 103, 204, 205, 304];

/**
 * A `fetch` that goes through n8n's HTTP helper, and so obeys the proxy and the forbidden addresses that
 * n8n is configured with; the global `fetch` knows neither. The body of a response can be read while it
 * arrives. `redirect: 'manual'` returns the redirect itself. When redirects are followed, credentials are
 * sent to the first origin only. Request bodies are sent as text.
 *
 * @throws TypeError with the system's `code`, if no response came; the signal's reason, if aborted
 */
export function fetchOverHelper(
  helper: HelperFunction,
  { timeoutMs }: FetchOverHelperOptions = {},
): typeof fetch {
  return async (input, init) => {
    // The signal of a Request stops following the caller's once the Request is garbage-collected, which
    // can be long before a stream ends. So the caller's own signal is used.
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    const connection = followSignal(signal);
    const request = requestFor(input, init);
    try {
      const asked = await toHelperRequest(request, connection.signal, timeoutMs);
      // If it was aborted meanwhile, `untilAborted` would wait for an event that has passed.
      connection.signal.throwIfAborted();
      const response = (await untilAborted(helper(asked), connection.signal)) as FullResponse;
      return toResponse(response, connection);
    } catch (error) {
      connection.end();
      throw signal?.aborted ? signal.reason : toFetchError(error);
    }
  };
}

/** Makes the `Request`. Its own error for an invalid address would quote the address, passwords included. */
function requestFor(...[input, init]: Parameters<typeof fetch>): Request {
  try {
    return new Request(input, { ...init, signal: null });
  } catch {
    throw new TypeError('the address is no URL, or has a user name or password before its host');
  }
}

/** The life of one connection. It ends with the caller's signal, or when the reader cancels the body. */
interface Connection {
  signal: AbortSignal;
  /** Ends the connection. */
  abort(reason?: unknown): void;
  /** The connection has ended. */
  end(): void;
}

function followSignal(caller: AbortSignal | undefined): Connection {
  const own = new AbortController();
  const follow = () => own.abort(caller?.reason);
  caller?.addEventListener('abort', follow, { once: true });
  const end = () => caller?.removeEventListener('abort', follow);
  return { signal: own.signal, end, abort: (reason) => (end(), own.abort(reason)) };
}

async function toHelperRequest(
  request: Request,
  abortSignal: AbortSignal,
  timeoutMs?: number,
): Promise<HelperRequest> {
  // A compressor would hold a stream's small frames back until it has enough of them.
  const headers = { 'accept-encoding': 'identity', ...Object.fromEntries(request.headers) };
  const body = request.body ? await request.text() : undefined;
  return {
    url: request.url,
    method: request.method as HelperRequest['method'],
    headers,
    ...(body && { body }),
    encoding: 'stream',
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
    disableFollowRedirect: request.redirect !== 'follow',
    sendCredentialsOnCrossOriginRedirect: false,
    abortSignal,
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
  };
}

/** Rejects at once when aborted. Not every helper does, and none may hold up a stop. */
async function untilAborted(response: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => {
    reject(signal.reason);
    // A response that arrives too late still keeps a connection open.
    response.then((late) => destroy((late as FullResponse).body)).catch(() => {});
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([response, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function toResponse(response: FullResponse, connection: Connection): Response {
  const { statusCode: status, statusMessage: statusText, body } = response;
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers)) {
    for (const one of [value].flat()) if (one !== undefined) headers.append(name, String(one));
  }
  if (WITHOUT_BODY.includes(status)) {
    connection.end();
    destroy(body);
    return new Response(null, { status, statusText, headers });
  }
  return new Response(toWebBody(body, connection), { status, statusText, headers });
}

function toWebBody(body: unknown, connection: Connection): ReadableStream | string | null {
  if (!(body instanceof Readable)) {
    connection.end();
    if (body === undefined || body === null) return null;
    return typeof body === 'string' ? body : JSON.stringify(body);
  }
  const { signal } = connection;
  signal.addEventListener('abort', () => void body.destroy(asError(signal.reason)), { once: true });
  return tapBody(Readable.toWeb(body) as ReadableStream<Uint8Array>, {
    onEnd(how) {
      connection.end();
      // Destroying n8n's stream does not close the connection behind it, so a silent server would never
      // learn that the reader has gone. Only the signal closes it.
      if (how === 'cancelled') connection.abort();
    },
    mapError: (error) => (signal.aborted ? asError(signal.reason) : toFetchError(error)),
  });
}

function destroy(body: unknown): void {
  if (body instanceof Readable) body.on('error', () => {}).destroy();
}
