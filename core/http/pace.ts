import { wait, type Clock } from '../clock';

/** Hands out turns to call one service with one token, so that all callers together keep its limits. */
export interface Pace {
  /** Runs `call` when it is its turn: first come, first served. */
  run<T>(call: () => Promise<T>): Promise<T>;
  /** Nobody starts before this time (ms since the epoch): the service said so. */
  pauseUntil(time: number): void;
}

export function createPace({
  clock,
  maxConcurrent,
}: {
  clock: Clock;
  maxConcurrent: number;
}): Pace {
  let running = 0;
  let pausedUntil = 0;
  let waking = false;
  const queue: Array<() => void> = [];

  function startNext(): void {
    const pause = pausedUntil - clock.now();
    if (pause > 0) {
      if (waking) return;
      waking = true;
      void wait(clock, pause).then(() => {
        waking = false;
        startNext();
      });
      return;
    }
    while (running < maxConcurrent) {
      const start = queue.shift();
      if (!start) return;
      running += 1;
      start();
    }
  }

  return {
    async run(call) {
      await new Promise<void>((resolve) => {
        queue.push(resolve);
        startNext();
      });
      try {
        return await call();
      } finally {
        running -= 1;
        startNext();
      }
    },
    pauseUntil(time) {
      pausedUntil = Math.max(pausedUntil, time);
    },
  };
}
