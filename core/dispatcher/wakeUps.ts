import { backoff } from '../backoff';
import type { Clock } from '../clock';

/** How long the wake-up after a failure waits. */
const pauseAfterFailures = backoff({ first: 2_000, longest: 60_000 });
/** A crash leaves claims behind that no execution can take before they lapse (45 s, see delivery). */
const CLAIMS_LAPSED_MS = 60_000;

/**
 * Decides when to look for unfinished work. An execution that failed may have left some, and nothing else
 * would find it if its visitors never act again.
 */
interface WakeUps {
  /** Asks for a wake-up at once, unless one is due already, and for another a minute later. */
  request(): void;
  /** An execution ended. Wake-ups follow a failure, at growing intervals, until one succeeds. */
  ended(result: 'done' | 'failed', wasWakeUp: boolean): void;
  /** Asks for a wake-up a minute from now; another call postpones it. */
  inAMinute(): void;
  /** Whether one should go now. */
  isDue(): boolean;
  /** The wake-up that was due has gone. */
  take(): void;
  /** No wake-ups from now on. The next activation starts with one anyway. */
  stop(): void;
}

/** Calls `onDue` when a wake-up becomes due. */
export function createWakeUps({ clock, onDue }: { clock: Clock; onDue: () => void }): WakeUps {
  let due = false;
  let stopped = false;
  /** Failures in a row that have brought a wake-up. */
  let failures = 0;
  /** Cancels the wake-up after a failure; undefined while none is planned. */
  let cancelNext: (() => void) | undefined;
  let cancelLate: (() => void) | undefined;

  /** Plans one more wake-up, because the claims of a crashed execution cannot be taken over before. */
  function wakeUpLate(): void {
    cancelLate?.();
    cancelLate = clock.after(CLAIMS_LAPSED_MS, () => {
      if (!due) becomeDue();
    });
  }

  function becomeDue(): void {
    cancelNext?.();
    cancelNext = undefined;
    due = true;
    onDue();
  }

  return {
    request() {
      if (stopped) return;
      wakeUpLate();
      if (!due) becomeDue();
    },
    ended(result, wasWakeUp) {
      // Only a wake-up that succeeds shows that the unfinished work can be done. Other executions succeed
      // beside one session that fails every time, and would keep the pauses short.
      if (result === 'done') {
        if (wasWakeUp) failures = 0;
        return;
      }
      if (stopped) return;
      wakeUpLate();
      if (due || cancelNext) return;
      failures += 1;
      cancelNext = clock.after(pauseAfterFailures(failures), becomeDue);
    },
    inAMinute() {
      if (!stopped) wakeUpLate();
    },
    isDue: () => due,
    take: () => void (due = false),
    stop() {
      stopped = true;
      due = false;
      cancelNext?.();
      cancelLate?.();
      cancelNext = undefined;
    },
  };
}
