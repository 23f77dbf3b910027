import { systemClock } from '../../core/clock';
import { createPace } from '../../core/http/pace';
import type { Send } from '../../core/http/service';
import { createIntercomApi } from '../../core/intercom/api';
import { createIntercomDestination } from '../../core/intercom/destination';
import { createIntercomSimulator, type IntercomOptions } from '../../simulators/intercom';

/** Requests by `fetch`, as n8n's helper would send them. */
export function sendWith(accessToken: string, timeoutMs = 500): Send {
  return async ({ method, url, headers, body }) => {
    const response = await fetch(url, {
      method,
      headers: {
        ...headers,
        Authorization: `Bearer ${accessToken}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: json ? JSON.parse(text) : text,
    };
  };
}

/** The Intercom simulator and our client of it, over real HTTP; retries do not wait. */
export async function createIntercomPair(options: Partial<IntercomOptions> = {}) {
  const simulator = createIntercomSimulator({ accessToken: 'token', ...options });
  const { url } = await simulator.listen();
  const waits: number[] = [];
  const clock = {
    now: () => systemClock.now() + waits.reduce((sum, ms) => sum + ms, 0),
    after: (ms: number, callback: () => void) => {
      waits.push(ms);
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    },
  };
  const api = createIntercomApi({
    baseUrl: url,
    send: sendWith('token'),
    pace: createPace({ clock, maxConcurrent: 5 }),
    clock,
    random: () => 0.5,
  });
  const { id: adminId } = await api.me();
  const destination = createIntercomDestination(api, adminId);
  const { id: conversationId } = simulator.visitorStarts({ external_id: '70', text: 'Hello' });
  simulator.journal.clear();
  return { simulator, api, adminId, destination, conversationId, waits };
}
