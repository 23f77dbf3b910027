import type { Clock } from '../../core/clock';

/**
 * Sends a request and reads no more than its status; 0 when there is no answer in time, or none at all.
 * Redirects are not followed: who is notified is to answer by themselves.
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
    // One that is kept may be closed in the moment in which it is used again, and that would look like no answer.
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
