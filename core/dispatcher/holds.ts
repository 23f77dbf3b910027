import type { TakenSession } from './waitingRoom';

/** Which execution holds which sessions. */
export interface Holds {
  /** Executions that hold sessions, or never had any. */
  executions(): number;
  /** An execution begins; returns what ends it and releases what it still holds. */
  begin(taken: readonly TakenSession[]): () => void;
  /** Releases a session before its execution ends. */
  release(session: Pick<TakenSession, 'product_id' | 'session_id'>): void;
}

interface Holder {
  sessions: number;
  holds: boolean;
}

/** `onRoom` is called when an execution holds no session any more but goes on. */
export function createHolds(onRoom: () => void): Holds {
  const held = new Map<string, { taken: TakenSession; holder: Holder }>();
  let executions = 0;

  function letGo(key: string): Holder | undefined {
    const hold = held.get(key);
    if (!hold) return undefined;
    held.delete(key);
    hold.taken.release();
    hold.holder.sessions -= 1;
    return hold.holder;
  }

  function finish(holder: Holder): void {
    if (!holder.holds) return;
    holder.holds = false;
    executions -= 1;
  }

  return {
    executions: () => executions,
    begin(taken) {
      const holder: Holder = { sessions: taken.length, holds: true };
      executions += 1;
      for (const session of taken) held.set(keyOf(session), { taken: session, holder });
      return () => {
        for (const session of taken) {
          // A later execution may hold it by now.
          if (held.get(keyOf(session))?.taken === session) letGo(keyOf(session));
          else session.release();
        }
        finish(holder);
      };
    },
    release(session) {
      const holder = letGo(keyOf(session));
      if (!holder) return;
      if (holder.sessions === 0) finish(holder);
      onRoom();
    },
  };
}

function keyOf({
  product_id,
  session_id,
}: Pick<TakenSession, 'product_id' | 'session_id'>): string {
  return `${product_id} ${session_id}`;
}
