import type { SessionBatch } from '../payload/types';
import type { Link } from './order';
import type { TakenSession } from './waitingRoom';

/** A session that waits, is in an execution, or both. */
export interface Session {
  productId: string;
  sessionId: string;
  /** What waits, in the order of arrival. */
  firstEntry?: Entry;
  lastEntry?: Entry;
  /** When the first and the last of it arrived, in milliseconds since the epoch. */
  firstAt: number;
  lastAt: number;
  /** Its places among the sessions that are not due, by last and by first arrival, and among the due. */
  quiet: Place;
  patience: Place;
  due: Place;
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

export function createSession(productId: string, sessionId: string): Session {
  const session = { productId, sessionId, firstAt: 0, lastAt: 0, executions: 0 } as Session;
  session.quiet = createPlace(session);
  session.patience = createPlace(session);
  session.due = createPlace(session);
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
