import type { TakenSession } from './waitingRoom';

/** Counts the executions that hold sessions: a session that was released is held no more. */
export interface Holds {
  /** Executions that hold sessions. */
  executions(): number;
  /** An execution of sessions begins; returns what ends it and releases what it still holds. */
  begin(taken: readonly TakenSession[]): () => void;
}

export function createHolds(): Holds {
  let executions = 0;
  return {
    executions: () => executions,
    begin(taken) {
      let held = taken.length;
      let counts = true;
      executions += 1;
      const finish = () => {
        if (counts) executions -= 1;
        counts = false;
      };
      for (const session of taken) {
        session.onRelease = () => {
          held -= 1;
          if (held === 0) finish();
        };
      }
      return () => {
        for (const session of taken) session.release();
        finish();
      };
    },
  };
}
