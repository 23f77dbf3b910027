import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

/** n8n refused a request. */
export class RestError extends Error {
  override readonly name = 'RestError';

  constructor(
    readonly method: string,
    readonly path: string,
    readonly status: number,
    reason: string,
  ) {
    super(`n8n answered ${method} ${path} with ${status}: ${reason}`);
  }
}

/** Sends one request to n8n's internal API and returns the `data` of its answer. */
export type Request = <T = unknown>(method: string, path: string, body?: unknown) => Promise<T>;

/** What n8n refuses everything with, unread, while a busy machine keeps it from its database. */
const NOT_READY = { status: 503, message: /^Database is not ready/ };
const MOST_REPEATS = 120;

/**
 * An HTTP client that keeps n8n's login cookie. n8n ties a login to a browser, so every request of a client sends
 * the same browser id.
 * @param baseUrl of n8n, no slash at the end.
 * @param pauseMs before a request is repeated that n8n could not take in.
 */
export function createSession(baseUrl: string, pauseMs = 500): Request {
  const browserId = randomUUID();
  let cookie = '';
  const request = async <T>(
    method: string,
    path: string,
    body?: unknown,
    repeats = 0,
  ): Promise<T> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        'browser-id': browserId,
        // n8n closes idle connections, sometimes in the moment of their reuse.
        connection: 'close',
        ...(cookie && { cookie }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(120_000),
    });
    const set = response.headers.getSetCookie().find((header) => header.startsWith('n8n-auth='));
    if (set) cookie = set.split(';')[0]!;
    const text = await response.text();
    const json = parse(text);
    const isReady = response.status !== NOT_READY.status || !NOT_READY.message.test(json?.message);
    if (!isReady && repeats < MOST_REPEATS) {
      await setTimeout(pauseMs);
      return await request<T>(method, path, body, repeats + 1);
    }
    if (!response.ok) {
      throw new RestError(method, path, response.status, json?.message ?? text.slice(0, 500));
    }
    // The API wraps its answers in {data}; static files, such as the list of node types, are not wrapped.
    return (json && typeof json === 'object' && 'data' in json ? json.data : json) as T;
  };
  return request;
}

function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
