import { createFakeClock, settle, type FakeClock } from '../support/fakeClock';

/** Virtual time that stops while a real exchange over a socket is under way. */
export interface VirtualTime {
  clock: FakeClock;
  /** Runs an exchange, during which time stops. Exchanges run one at a time. */
  holding<T>(exchange: () => Promise<T>): Promise<T>;
}

export function createVirtualTime(): VirtualTime {
  let underWay = 0;
  let exchanges: Promise<unknown> = Promise.resolve();
  const calm = async () => {
    do {
      await exchanges;
      await settle();
    } while (underWay > 0);
  };
  const clock = createFakeClock(undefined, calm);
  return {
    clock,
    holding<T>(exchange: () => Promise<T>): Promise<T> {
      underWay += 1;
      // One at a time, in the order of the calls, so that a run can be repeated.
      const mine = exchanges.then(exchange).finally(() => (underWay -= 1));
      exchanges = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** One process. Its timers never fire again after it is killed, and fire late when it stands still. */
export function createProcess(world: FakeClock) {
  let killed = false;
  let pausing: Promise<void> | undefined;

  /** Resolves when the process runs; never, once it was killed. */
  const awake = async (): Promise<void> => {
    while (!killed && pausing) await pausing;
    if (killed) await new Promise<never>(() => {});
  };
  return {
    clock: {
      now: world.now,
      after(ms: number, callback: () => void) {
        let cancelled = false;
        const cancel = world.after(ms, () => {
          void awake().then(() => cancelled || callback());
        });
        return () => {
          cancelled = true;
          cancel();
        };
      },
    },
    awake,
    kill: () => void (killed = true),
    isStandingStill: (): boolean => pausing !== undefined,
    /** Stops the process for so long, as when its machine is paused. */
    standStill(ms: number): void {
      const over = new Promise<void>((resolve) => void world.after(ms, resolve));
      const mine: Promise<void> = Promise.all([pausing, over]).then(() => {
        if (pausing === mine) pausing = undefined;
      });
      pausing = mine;
    },
  };
}

export type Process = ReturnType<typeof createProcess>;
