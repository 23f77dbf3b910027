import type { Clock } from '../clock';

/** How long the first wake-up after a failure waits, doubling to the second, in milliseconds. */
export const WAKE_UP_DELAY_MS = {
  first: 2_000,
  longest: 60_000,
  /** A crash leaves claims behind that nobody can take before they lapse (45 s, see delivery). */
  afterClaimsLapsed: 60_000,
} as const;

/**
 * Decides when to look for unfinished work. An execution that failed may have left some, and its
 * sessions may never act again, so nothing else would ever come back to it.
 */
export interface WakeUps {
  /** Asks for a wake-up at once, and another a minute later; no second one when one is waiting already. */
  request(): void;
  /** An execution ended. After a failure a wake-up follows; a wake-up that succeeded ends that. */
  ended(result: 'done' | 'failed', wasWakeUp: boolean): void;
  /** Asks for a wake-up a minute from now; another call puts it off. */
  later(): void;
  /** Whether one should go now. */
  isDue(): boolean;
  /** Says that one is going. */
  take(): void;
  /** No more wake-ups; the next activation starts with one anyway. */
  stop(): void;
}

/** `onDue` is called when a wake-up has become due. */
export function createWakeUps({ clock, onDue }: { clock: Clock; onDue: () => void }): WakeUps {
  let due = false;
  let stopped = false;
  let delay: number = WAKE_UP_DELAY_MS.first;
  let cancel: (() => void) | undefined;
  let cancelLate: (() => void) | undefined;

  /** One more look later: what died while it worked could not be taken over at once. */
  function lookLater(): void {
    cancelLate?.();
    cancelLate = clock.after(WAKE_UP_DELAY_MS.afterClaimsLapsed, () => {
      if (!due) becomeDue();
    });
  }

  function becomeDue(): void {
    cancel?.();
    cancel = undefined;
    due = true;
    onDue();
  }

  return {
    request() {
      if (stopped) return;
      lookLater();
      if (!due) becomeDue();
    },
    ended(result, wasWakeUp) {
      // Only a wake-up shows that the unfinished work can be done: other executions may succeed
      // beside one session that fails every time, and would keep the pauses short for ever.
      if (result === 'done') {
        if (wasWakeUp) delay = WAKE_UP_DELAY_MS.first;
        return;
      }
      if (stopped) return;
      lookLater();
      if (due || cancel) return;
      cancel = clock.after(delay, becomeDue);
      delay = Math.min(delay * 2, WAKE_UP_DELAY_MS.longest);
    },
    later() {
      if (!stopped) lookLater();
    },
    isDue: () => due,
    take: () => void (due = false),
    stop() {
      stopped = true;
      due = false;
      cancel?.();
      cancelLate?.();
      cancel = undefined;
    },
  };
}
