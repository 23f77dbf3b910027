import type { Clock } from '../../core/clock';

/**
 * Sends a request and returns the status of its answer; 0 when there is none in time. Redirects are not
 * followed, as vendors do not follow them for webhooks.
 */
export async function statusOf(
  url: string,
  init: RequestInit,
  patienceMs: number,
  clock: Clock,
): Promise<number> {
  const abort = new AbortController();
  const cancel = clock.after(patienceMs, () => abort.abort());
  try {
    const headers = new Headers(init.headers);
    // A kept connection may close in the moment of its reuse, which would look like no answer.
    headers.set('connection', 'close');
    const { signal } = abort;
    const response = await fetch(url, { ...init, headers, redirect: 'manual', signal });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  } finally {
    cancel();
  }
}
