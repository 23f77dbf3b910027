import type { Clock } from '../clock';
import { describe } from '../http/fetchErrors';
import { readRetryAfter } from '../http/retries';
import { isSendable } from '../http/secrets';
import type { StreamTarget } from '../stream/stream';
import { isObject, list, textOrNull } from '../values';

/** The connector keeps no more actions of a visitor. */
const MOST_ACTIONS = 50;
/** Fifty actions have some ten kilobytes. */
const MAX_BYTES = 4 * 1024 * 1024;
const TIMEOUT_MS = 20_000;
/** Refusals that may pass by themselves: a timeout, too early, too many requests. */
const MAY_PASS = [408, 425, 429];

/** What a connector answers. */
export type LiveActivity =
  /** A visitor's last actions, unchanged. */
  | { kind: 'found'; actions: unknown[] }
  /** Will not pass by itself: a wrong token, or a connector without this interface. */
  | { kind: 'refused'; reason: string }
  /** May pass by itself. */
  | { kind: 'outage'; reason: string; retryAfterMs?: number };

const STREAM = '/stream/';

/**
 * The address of a visitor's last actions, beside that of the stream: `…/users/<product>/<user>/live-activity` for
 * `…/stream/<product>`. Undefined for a stream with another address, and for a visitor whose id no path can contain.
 */
export function liveActivityUrl(streamUrl: string, userId: string): string | undefined {
  const url = URL.parse(streamUrl);
  // In a path, these two mean the folder and the one above, even when they are encoded.
  if (!url || !/^https?:$/.test(url.protocol) || /^\.{0,2}$/.test(userId)) return undefined;
  let end = url.pathname.length;
  while (url.pathname[end - 1] === '/') end -= 1;
  const stream = url.pathname.slice(0, end);
  const at = stream.lastIndexOf(STREAM);
  const [before, product] = [stream.slice(0, at), stream.slice(at + STREAM.length)];
  if (at < 0 || product === '' || product.includes('/')) return undefined;
  const path = `${before}/users/${product}/${encodeURIComponent(userId.toWellFormed())}`;
  return `${url.origin}${path}/live-activity?limit=${MOST_ACTIONS}`;
}

interface Question extends StreamTarget {
  userId: string;
  fetch: typeof fetch;
  clock: Clock;
  signal: AbortSignal;
}

/**
 * Asks a connector for the last actions of one visitor. Follows no redirect, because the token is meant for the host of
 * the stream only. Never rejects; an answer about another visitor counts as a refusal.
 */
export async function askForActivity(question: Question): Promise<LiveActivity> {
  const { url: streamUrl, token, userId, clock } = question;
  const url = liveActivityUrl(streamUrl, userId);
  if (!url || !isSendable(token)) return { kind: 'refused', reason: 'it has no address' };
  const asking = new AbortController();
  const abort = () => asking.abort();
  question.signal.addEventListener('abort', abort, { once: true });
  const cancel = clock.after(TIMEOUT_MS, abort);
  try {
    question.signal.throwIfAborted();
    const response = await question.fetch(url, {
      headers: {
        accept: 'application/json',
        ...(token !== '' && { authorization: `Bearer ${token}` }),
      },
      redirect: 'manual',
      signal: asking.signal,
    });
    const refused = refusalOf(response, clock.now());
    if (!refused) return read(await bodyOf(response), userId);
    void response.body?.cancel().catch(() => {});
    return refused;
  } catch (error) {
    // Its message may quote the address, which names the visitor.
    return {
      kind: 'outage',
      reason: `it cannot be reached (${describe(error).code ?? 'no answer'})`,
    };
  } finally {
    cancel();
    question.signal.removeEventListener('abort', abort);
  }
}

function refusalOf(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  now: number,
): LiveActivity | undefined {
  if (status === 200) return undefined;
  const reason = `it answers with HTTP ${status}`;
  if (status < 500 && !MAY_PASS.includes(status)) return { kind: 'refused', reason };
  const retryAfterMs = readRetryAfter(headers.get('retry-after'), now);
  return { kind: 'outage', reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** The text of an answer; '' for one that is too long. */
async function bodyOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (size > MAX_BYTES) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function read(body: string, userId: string): LiveActivity {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return { kind: 'refused', reason: 'its answer is no JSON' };
  }
  if (!isObject(answer) || !Array.isArray(answer.actions)) {
    return { kind: 'refused', reason: 'its answer has no actions' };
  }
  const whose = textOrNull(answer.user_id);
  if (whose !== null && whose !== userId) {
    return { kind: 'refused', reason: 'it answers about another visitor' };
  }
  return { kind: 'found', actions: list(answer.actions).slice(-MOST_ACTIONS) };
}
