import { systemClock, type Clock } from '../../core/clock';
import type { Send } from '../../core/http/service';

/** Ends what is never answered. Long, because on a busy machine an answer may take seconds. */
const TIMEOUT_MS = 5_000;

/** Requests by `fetch`, as n8n's helper would send them; `authentication` is what the credential adds. */
export function sendWith(authentication: Record<string, string>): Send {
  return async ({ method, url, headers, body }) => {
    const response = await fetch(url, {
      method,
      headers: {
        ...headers,
        ...authentication,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: json && text !== '' ? JSON.parse(text) : text,
    };
  };
}

/** A clock whose waits are over at once, as far as everybody can tell, and what was waited for. */
export function createImpatientClock(): { clock: Clock; waits: number[] } {
  const waits: number[] = [];
  const clock: Clock = {
    now: () => systemClock.now() + waits.reduce((sum, ms) => sum + ms, 0),
    after: (ms, callback) => {
      waits.push(ms);
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    },
  };
  return { clock, waits };
}
