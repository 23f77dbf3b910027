import type { Clock } from '../../../core/clock';

/** A clock that stands still until it is moved. */
export function manualClock(start = Date.UTC(2026, 0, 15, 12)) {
  let time = start;
  const timers = new Map<number, { at: number; task: () => void }>();
  let serial = 0;
  const clock: Clock = {
    now: () => time,
    after(ms, task) {
      const id = (serial += 1);
      timers.set(id, { at: time + ms, task });
      return () => void timers.delete(id);
    },
  };
  return {
    ...clock,
    /** How many wait for their time. */
    pending: () => timers.size,
    /** Moves on, running what falls due in its order. */
    advance(ms: number): void {
      const end = time + ms;
      for (;;) {
        const due = [...timers]
          .filter(([, { at }]) => at <= end)
          .sort((a, b) => a[1].at - b[1].at)[0];
        if (!due) break;
        timers.delete(due[0]);
        time = Math.max(time, due[1].at);
        due[1].task();
      }
      time = end;
    },
  };
}

/** Lets sockets do their work until something holds, at most for a minute. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('What was waited for did not happen');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Collects what a stream sends, as text, until it ends or is aborted. */
export function collect(response: Response) {
  const received = { text: '', ended: false };
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        received.text += decoder.decode(chunk, { stream: true });
      }
    } catch {
      // Cut off: that is an end, too.
    }
    received.ended = true;
  };
  void read();
  return received;
}
