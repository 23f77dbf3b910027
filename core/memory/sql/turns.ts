/** A queue for a limited number of places. */
interface Turns {
  /** Waits for a place; first come, first served. */
  take(): Promise<void>;
  /** Gives a place back. */
  give(): void;
  /** Gives a place back, and rejects everything that waits for one with this error. */
  giveUp(error: unknown): void;
}

/** @param places how many may be taken at the same time */
export function createTurns(places: number): Turns {
  let free = places;
  const waiting: Array<PromiseWithResolvers<void>> = [];
  const give = () => {
    const next = waiting.shift();
    if (next) next.resolve();
    else free += 1;
  };
  return {
    async take() {
      if (free > 0) {
        free -= 1;
        return;
      }
      const mine = Promise.withResolvers<void>();
      waiting.push(mine);
      await mine.promise;
    },
    give,
    giveUp(error) {
      for (const { reject } of waiting.splice(0)) reject(error);
      give();
    },
  };
}
