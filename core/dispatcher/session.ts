import type { SessionBatch } from '../payload/types';
import type { Link } from './order';
import type { TakenSession } from './waitingRoom';

/** A session that waits, is in an execution, or both. */
export interface Session {
  productId: string;
  sessionId: string;
  /** All sessions of its product, by their ids. */
  siblings: Map<string, Session>;
  /** What waits, in the order of arrival. */
  firstEntry: Entry | undefined;
  lastEntry: Entry | undefined;
  /** When the first and the last of it arrived, in milliseconds since the epoch. */
  firstAt: number;
  lastAt: number;
  /** Whether its deadline has come; then `turn` is its place among those due. */
  isDue: boolean;
  /** Its place among the sessions that are not due, by last arrival, or among the due. */
  turn: Place;
  /** Its place among the sessions that are not due, by first arrival. */
  patience: Place;
  /** In how many executions it is: one, or for the last actions on a stop perhaps two. */
  executions: number;
  /** What the latest of them holds; undefined when none does any more. */
  taken: TakenSession | undefined;
}

/** A session's place in one of the orders. */
export interface Place extends Link<Place> {
  session: Session;
}

/** One batch that waits; itself a link in the order of all arrivals. */
export interface Entry extends Link<Entry> {
  session: Session;
  batch: SessionBatch;
  /** The next of the same session. */
  next?: Entry;
}

export function createSession(
  productId: string,
  sessionId: string,
  siblings: Map<string, Session>,
): Session {
  // Tens of thousands may wait: all fields at once, so that none has to grow.
  const session: Session = {
    productId,
    sessionId,
    siblings,
    firstEntry: undefined,
    lastEntry: undefined,
    firstAt: 0,
    lastAt: 0,
    isDue: false,
    turn: undefined as unknown as Place,
    patience: undefined as unknown as Place,
    executions: 0,
    taken: undefined,
  };
  session.turn = createPlace(session);
  session.patience = createPlace(session);
  return session;
}

/** Puts the batch behind what the session has waiting already. */
export function appendEntry(session: Session, batch: SessionBatch): Entry {
  const entry: Entry = {
    session,
    batch,
    next: undefined,
    before: undefined,
    after: undefined,
    placed: false,
  };
  if (session.firstEntry && session.lastEntry) session.lastEntry.next = entry;
  else session.firstEntry = entry;
  session.lastEntry = entry;
  return entry;
}

function createPlace(session: Session): Place {
  return { session, before: undefined, after: undefined, placed: false };
}
