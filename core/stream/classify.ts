import { readRetryAfter } from '../http/retryAfter';
import { notAStream, redirectedAway, refusal, type Problem } from './problems';

/** The parts of a response that decide, before any of its body is read. */
export interface ResponseHead {
  status: number;
  headers: Pick<Headers, 'get'>;
}

/** What to make of a response. */
export type Verdict =
  | { kind: 'stream' }
  /** Ask there instead. */
  | { kind: 'redirect'; url: string }
  /** Will not pass by itself. */
  | { kind: 'refused'; problem: Problem }
  /** May pass by itself. `reason` completes "no stream: …". */
  | { kind: 'outage'; reason: string; retryAfterMs?: number };

const MAY_PASS = [408, 425, 429];

/** Reads a response to `url`; `now` is in epoch milliseconds. */
export function classifyResponse(
  { status, headers }: ResponseHead,
  url: string,
  now: number,
): Verdict {
  if (status === 200) {
    const contentType = headers.get('content-type');
    if (/^\s*text\/event-stream\s*(;|$)/i.test(contentType ?? '')) return { kind: 'stream' };
    return { kind: 'refused', problem: notAStream(status, contentType) };
  }
  if (status >= 300 && status < 400 && status !== 304) {
    return classifyRedirect(status, headers.get('location'), url);
  }
  if (status >= 500 || MAY_PASS.includes(status)) {
    const retryAfterMs = readRetryAfter(headers.get('retry-after'), now);
    const reason = `the connector answers with HTTP ${status}`;
    return { kind: 'outage', reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  if (status > 200 && status < 300) {
    return { kind: 'refused', problem: notAStream(status, headers.get('content-type')) };
  }
  return { kind: 'refused', problem: refusal(status) };
}

function classifyRedirect(status: number, location: string | null, url: string): Verdict {
  const from = new URL(url);
  // An empty one would lead here again, and again.
  const to = location?.trim() ? URL.parse(location, url) : null;
  if (!to) return { kind: 'refused', problem: refusal(status) };
  const downgrade = from.protocol === 'https:' && to.protocol !== 'https:';
  if (to.host !== from.host || downgrade) {
    return { kind: 'refused', problem: redirectedAway(downgrade ? to.origin : to.host) };
  }
  return { kind: 'redirect', url: to.href };
}
