import type { SessionBatch } from '../payload/types';
import type { ListNode } from './list';

/**
 * A session that waits, is in an execution, or both. Itself a node in the list of due sessions, or else in that of the others
 * by last arrival.
 */
export interface Session extends ListNode<Session> {
  productId: string;
  sessionId: string;
  /** All sessions of its product, by their ids. */
  siblings: Map<string, Session>;
  /** The batches that wait, in the order of arrival. */
  firstEntry: Entry | undefined;
  lastEntry: Entry | undefined;
  /** When the first and the last of these batches arrived, in milliseconds since the epoch. */
  firstAt: number;
  lastAt: number;
  /** Whether its deadline has passed. */
  isDue: boolean;
  /** Its place among the sessions that are not due, by first arrival. */
  longestWait: Place;
  /** How many executions it is in: at most one, or two for its last actions on a stop. */
  executions: number;
  /** What the latest of them took; undefined once that is released. */
  taken: TakenSession | undefined;
}

/** A session on its way into an execution. */
export interface TakenSession {
  session: Session;
  /** Everything that waited, in the order of arrival. */
  batches: SessionBatch[];
  isReleased: boolean;
  /** Called on release. */
  onRelease: (() => void) | undefined;
}

/** A session's place in another list. */
export interface Place extends ListNode<Place> {
  session: Session;
}

/** One batch that waits; itself a node in the list of all arrivals. */
export interface Entry extends ListNode<Entry> {
  session: Session;
  batch: SessionBatch;
  /** The next entry of the same session. */
  next?: Entry;
}

export function createSession(
  productId: string,
  sessionId: string,
  siblings: Map<string, Session>,
): Session {
  // Tens of thousands may wait. All fields are set at once, so that no object has to grow.
  const session: Session = {
    productId,
    sessionId,
    siblings,
    firstEntry: undefined,
    lastEntry: undefined,
    firstAt: 0,
    lastAt: 0,
    isDue: false,
    before: undefined,
    after: undefined,
    placed: false,
    longestWait: undefined as unknown as Place,
    executions: 0,
    taken: undefined,
  };
  session.longestWait = { session, before: undefined, after: undefined, placed: false };
  return session;
}

/** Puts the batch behind those of the session that wait already. */
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
