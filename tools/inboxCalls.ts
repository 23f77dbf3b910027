// What pictures need of the inbox of a running demo, for tools/pictures.ts. INBOX_PORT is the demo's.
import { setTimeout as pause } from 'node:timers/promises';
import type { Act, Entry, ListEntry, StuckWay, Thread } from '../simulators/inbox';

/** The inbox's address, no slash at the end. */
export const inbox = `http://127.0.0.1:${process.env.INBOX_PORT ?? 4300}`;
const PATIENCE_MS = 90_000;

/**
 * One call of the inbox's own API, a POST if there is a body.
 * @throws Error for any answer but a success
 */
export async function call<T>(path: string, body?: object): Promise<T> {
  const init = body && {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
  const response = await fetch(inbox + path, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Makes a visitor do something. */
export const act = (person: string, what: Act) => call(`/api/people/${person}/acts`, { act: what });

export const getStuck = (person: string, way: StuckWay) =>
  call(`/api/people/${person}/stuck`, { way });

/** Asks again and again until there is an answer that is not undefined. */
async function waitFor<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not appear. Is n8n running?`);
    await pause(500);
  }
}

/** Waits for a visitor's conversation. */
export const conversationOf = (chat: string, person: string) =>
  waitFor(`A conversation in ${chat}`, async () =>
    (await call<ListEntry[]>('/api/conversations')).find(
      (one) => one.chat === chat && one.personId === person,
    ),
  );

/** Waits for an entry of a conversation; returns the latest that fits. */
export const entry = (id: string, what: string, fits: (one: Entry) => boolean) =>
  waitFor(what, async () =>
    (await call<Thread>(`/api/conversations/${id}`)).entries.findLast(fits),
  );
