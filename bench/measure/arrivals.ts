import { setTimeout as sleep } from 'node:timers/promises';

/** How the actions of a load arrived. */
export interface Outcome {
  sent: number;
  arrived: number;
  lost: number;
  doubled: number;
  /** Actions that follow a later one of their session. */
  disordered: number;
  /** Milliseconds from event to note. */
  latencies: number[];
}

/** Follows numbered actions from the event to the note. */
export function createArrivals(capacity: number) {
  const sentAt = new Float64Array(capacity);
  const arrivedAt = new Float64Array(capacity);
  const sessionOf = new Int32Array(capacity);
  /** By session, the number of the last action in a note. */
  const last = new Map<number, number>();
  let sent = 0;
  let arrived = 0;
  /** The sessions with actions that came twice or out of order. */
  const doubled: number[] = [];
  const disordered: number[] = [];

  return {
    sent(serial: number, session: number): void {
      sentAt[serial] = performance.now();
      sessionOf[serial] = session;
      sent += 1;
    },
    /** @param serials the actions of a note, in its order */
    noted(serials: readonly number[]): void {
      const now = performance.now();
      for (const serial of serials) {
        const session = sessionOf[serial]!;
        if (arrivedAt[serial]) {
          doubled.push(session);
          continue;
        }
        arrivedAt[serial] = now;
        arrived += 1;
        if (serial < (last.get(session) ?? -1)) disordered.push(session);
        else last.set(session, serial);
      }
    },
    counts: () => ({ sent, arrived }),
    /** Resolves once everything has arrived, when nothing has for `patienceMs`, or after `waitMs`. */
    async settled({
      waitMs,
      patienceMs,
      signal,
    }: {
      waitMs: number;
      patienceMs: number;
      signal?: AbortSignal | undefined;
    }): Promise<void> {
      const deadline = performance.now() + waitMs;
      let before = -1;
      let since = performance.now();
      while (arrived < sent && performance.now() < deadline && !signal?.aborted) {
        if (arrived !== before) [before, since] = [arrived, performance.now()];
        if (performance.now() - since > patienceMs) return;
        await sleep(50);
      }
    },
    /** @param among the sessions to count */
    outcome(among: (session: number) => boolean = () => true): Outcome {
      const latencies: number[] = [];
      let ofThem = 0;
      for (let serial = 0; serial < capacity; serial++) {
        if (!sentAt[serial] || !among(sessionOf[serial]!)) continue;
        ofThem += 1;
        if (arrivedAt[serial]) latencies.push(arrivedAt[serial]! - sentAt[serial]!);
      }
      return {
        sent: ofThem,
        arrived: latencies.length,
        lost: ofThem - latencies.length,
        doubled: doubled.filter(among).length,
        disordered: disordered.filter(among).length,
        latencies,
      };
    },
  };
}
