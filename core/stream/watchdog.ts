import type { Clock } from '../clock';

/** Notices silence. */
export interface Watchdog {
  /** Something came. Cheap enough for every chunk. */
  touch(): void;
  stop(): void;
}

/** Calls `onSilence` once, when `touch` has not been called for `ms` milliseconds. */
export function createWatchdog(clock: Clock, ms: number, onSilence: () => void): Watchdog {
  let quiet = true;
  let cancel = clock.after(ms, look);
  let touchedAt = clock.now();

  function look(): void {
    // Rather than set a timer anew for each chunk, the one there is looks when the last one came.
    const rest = touchedAt + ms - clock.now();
    const again = !quiet && rest > 0;
    if (!again) return onSilence();
    quiet = true;
    // Never longer than the silence itself, whatever somebody did to the wall clock.
    cancel = clock.after(Math.min(rest, ms), look);
  }

  return {
    touch() {
      quiet = false;
      touchedAt = clock.now();
    },
    stop: () => cancel(),
  };
}
