import type { Clock } from '../clock';
import { toFetchError } from './fetchErrors';
import type { Hide } from './secrets';
import type { Send } from './service';

interface SendOverFetchOptions {
  /** The headers that carry the token. */
  authentication: Record<string, string>;
  /** Longest time until an answer is complete, in milliseconds. */
  timeoutMs: number;
  clock: Clock;
  /** Applied to the messages of errors. */
  hide: Hide;
}

/** A `Send` over any `fetch`. Redirects are not followed, because the token would go to the other address as well. */
export function sendOverFetch(
  fetch: typeof globalThis.fetch,
  { authentication, timeoutMs, clock, hide }: SendOverFetchOptions,
): Send {
  return async ({ method, url, headers, body }) => {
    const abort = new AbortController();
    const cancel = clock.after(timeoutMs, () => abort.abort());
    try {
      const response = await fetch(url, {
        method,
        headers: {
          ...headers,
          ...authentication,
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'manual',
        signal: abort.signal,
      });
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: parsed(await response.text(), response.headers.get('content-type') ?? ''),
      };
    } catch (error) {
      if (abort.signal.aborted) throw new TypeError(`no answer within ${timeoutMs / 1_000} s`);
      const failure = toFetchError(error);
      failure.message = hide(failure.message);
      throw failure;
    } finally {
      cancel();
    }
  };
}

function parsed(text: string, type: string): unknown {
  if (!/\bjson\b/i.test(type)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
