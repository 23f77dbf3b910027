import { createFakeClock, settle, type FakeClock } from '../support/fakeClock';

/** Virtual time beside real sockets: it stands still while a real exchange is under way. */
export interface VirtualTime {
  clock: FakeClock;
  /** Time waits for this. */
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
      // One at a time, in the order in which they were asked for: a run can be repeated.
      const mine = exchanges.then(exchange).finally(() => (underWay -= 1));
      exchanges = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** One process: its timers stop for ever when it is killed, and for a while when the machine stands still. */
export function createProcess(world: FakeClock) {
  let killed = false;
  let stands: Promise<void> | undefined;

  /** Goes on when the process does; never, once it was killed. */
  const awake = async (): Promise<void> => {
    while (!killed && stands) await stands;
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
    isStandingStill: (): boolean => stands !== undefined,
    /** Whatever its clock says. */
    standStill(ms: number): void {
      const over = new Promise<void>((resolve) => void world.after(ms, resolve));
      const mine: Promise<void> = Promise.all([stands, over]).then(() => {
        if (stands === mine) stands = undefined;
      });
      stands = mine;
    },
  };
}

export type Process = ReturnType<typeof createProcess>;
