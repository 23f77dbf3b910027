import { setTimeout as sleep } from 'node:timers/promises';
import { demo } from '../../simulators/demo';

/** A session of a load. */
export interface LoadSession {
  id: string;
  userId: string;
  /** Named in each event, so that the session is linked by its first one. */
  conversationId?: string;
  /** The page in each action's description, which marks the session's actions. Default `board`. */
  page?: string;
}

export interface LoadOptions {
  sessions: readonly LoadSession[];
  /** Events a second of all sessions together; they take turns. */
  rate: number;
  seconds: number;
  /** Puts the events of a tick on the stream in one write, because one write for each is slow. */
  send(bytes: string): void;
  /** Called with each action's number and session right before it is sent. */
  onSend(serial: number, session: number): void;
  /** The first action's number. */
  firstSerial?: number;
  signal?: AbortSignal;
}

const TICK_MS = 5;

/**
 * Sends events of one action each, evenly at a rate. The description of an action carries its number, which
 * identifies it in a note. Events that a tick could not send in time follow in the next, so that the rate
 * holds.
 *
 * @returns how many were sent
 */
export async function sendLoad(options: LoadOptions): Promise<number> {
  const { sessions, rate, seconds, send, onSend, firstSerial = 0, signal } = options;
  const heads = sessions.map(head);
  const total = Math.round(rate * seconds);
  const started = performance.now();
  let sent = 0;
  let time = 0;
  while (sent < total && !signal?.aborted) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1_000) * rate));
    let bytes = '';
    for (; sent < due; sent++) {
      const serial = firstSerial + sent;
      const session = sent % sessions.length;
      onSend(serial, session);
      // A microsecond apart at least: notes list actions by their time, and many are sent within a
      // millisecond.
      time = Math.max(Date.now() * 1_000, time + 1);
      bytes += event(heads[session]!, serial, time, sessions[session]!.page ?? 'board');
    }
    if (bytes !== '') send(bytes);
    await sleep(TICK_MS);
  }
  return sent;
}

/** The fields that all events of a session share. */
function head({ id, userId, conversationId }: LoadSession): string {
  const fields = {
    type: 'actions',
    product_id: demo.productId,
    session_id: id,
    user_id: userId,
    ...(conversationId !== undefined && { conversation_id: conversationId }),
  };
  return `data: ${JSON.stringify(fields).slice(0, -1)}`;
}

/** @param time in microseconds since the epoch; as a fraction of seconds it would not be exact enough */
function event(start: string, serial: number, time: number, page: string): string {
  const now = `${Math.floor(time / 1e6)}.${String(time % 1e6).padStart(6, '0')}`;
  const action = `{"index":0,"type":"click","title":"Save","description":"User clicked Save button ${numbered(serial)} on the ${page} page","timestamp_start":${now},"timestamp_end":${now},"raw_url":"https://northwindboards.example/boards/8483","canonical_url":"/boards/:id"}`;
  return `${start},"count":1,"forwarded_at":${now},"actions":[${action}]}\n\n`;
}

/** An action's number, as it is written in its description. */
function numbered(serial: number): string {
  return `#${serial};`;
}

/** The numbers of the actions that a note lists, in its order; none for a summary, which may quote some. */
export function serialsIn(note: string): number[] {
  if (note.includes('session_id:') && !note.includes('[1] ')) return [];
  return [...note.matchAll(/#(\d+);/g)].map(([, serial]) => Number(serial));
}
