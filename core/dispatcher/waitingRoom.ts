import type { SessionBatch } from '../payload/types';
import { createOrder } from './order';
import { appendEntry, createSession, type Entry, type Place, type Session } from './session';
import { withoutFirstActions } from './trim';
import type { Released, WaitingLimits } from './types';

/** Where sessions wait for their execution. Keeps no time of its own and sets no timers. */
export interface WaitingRoom {
  /** Takes in a batch that arrived at `now`. Constant time, however many sessions wait. */
  add(batch: SessionBatch, now: number): void;
  /** Puts every session whose deadline has come in the queue of due sessions, in deadline order. */
  collectDue(now: number): void;
  /** The earliest deadline of the sessions that are not due yet. */
  nextDeadline(): number | undefined;
  /** How many due sessions can go: they are in no execution. */
  ready(): number;
  /** Takes out the due sessions that have waited longest; a session in an execution is passed over. */
  take(limits: { sessions: number; actions: number }, evenRunning?: boolean): TakenSession[];
  /** Releases a session that is in an execution with that activity; nothing for any other. */
  release(activity: Released): void;
  /** How many actions wait; a batch that holds none, only a summary, counts as one. */
  waiting(): number;
  /** How many sessions are known: waiting or in an execution. */
  sessions(): number;
  /** How many actions were dropped since this was last asked. */
  takeDropped(): number;
}

/** A session on its way into an execution. */
export interface TakenSession {
  /** Everything that waited, in the order of arrival. */
  batches: SessionBatch[];
  /** The session may be taken again. Only the first call counts. */
  release(): void;
  /** Called when it is released. */
  onRelease?: () => void;
}

export function createWaitingRoom({ quietMs, maxDelayMs, maxWaiting }: WaitingLimits): WaitingRoom {
  // Two levels rather than one joined key: joining and hashing a new string cost more than the rest.
  const products = new Map<string, Map<string, Session>>();
  const arrivals = createOrder<Entry>();
  // Every session waits equally long, so both orders of arrival are orders of deadlines as well.
  const byLastArrival = createOrder<Place>();
  const byFirstArrival = createOrder<Place>();
  // A session that is due while it runs keeps its place here, and others pass it: the order stays
  // that of the deadlines.
  const due = createOrder<Place>();
  let sessions = 0;
  let waiting = 0;
  let ready = 0;
  let dropped = 0;

  const isReady = ({ isDue, executions }: Session) => isDue && executions === 0;

  function open({ product_id, session_id }: SessionBatch): Session {
    let siblings = products.get(product_id);
    if (!siblings) products.set(product_id, (siblings = new Map<string, Session>()));
    let session = siblings.get(session_id);
    if (!session) {
      siblings.set(session_id, (session = createSession(product_id, session_id, siblings)));
      sessions += 1;
    }
    return session;
  }

  function forget({ productId, sessionId, siblings }: Session): void {
    if (siblings.delete(sessionId)) sessions -= 1;
    if (siblings.size === 0) products.delete(productId);
  }

  /** The session has nothing waiting any more. */
  function leave(session: Session): void {
    if (isReady(session)) ready -= 1;
    (session.isDue ? due : byLastArrival).remove(session.turn);
    byFirstArrival.remove(session.patience);
    session.isDue = false;
  }

  /** Takes out the session's first entry. */
  function shift(session: Session, entry: Entry): void {
    arrivals.remove(entry);
    session.firstEntry = entry.next;
    waiting -= weigh(entry.batch);
  }

  function dropOldest(): void {
    for (let entry = arrivals.first(); entry && waiting > maxWaiting; entry = arrivals.first()) {
      const excess = waiting - maxWaiting;
      const weight = weigh(entry.batch);
      dropped += Math.min(weight, excess);
      if (weight > excess) {
        entry.batch = withoutFirstActions(entry.batch, excess);
        waiting -= excess;
        continue;
      }
      const { session } = entry;
      // The oldest of all is the oldest of its session too.
      shift(session, entry);
      if (session.firstEntry) continue;
      leave(session);
      if (session.executions === 0) forget(session);
    }
  }

  function becomeDue(session: Session): void {
    byLastArrival.remove(session.turn);
    byFirstArrival.remove(session.patience);
    session.isDue = true;
    due.append(session.turn);
    if (isReady(session)) ready += 1;
  }

  function next(): { session: Session; deadline: number } | undefined {
    const quiet = byLastArrival.first()?.session;
    const patient = byFirstArrival.first()?.session;
    if (!quiet || !patient) return undefined;
    const quietDeadline = quiet.lastAt + quietMs;
    const patienceDeadline = patient.firstAt + maxDelayMs;
    return quietDeadline < patienceDeadline
      ? { session: quiet, deadline: quietDeadline }
      : { session: patient, deadline: patienceDeadline };
  }

  function takeOne(session: Session): TakenSession {
    leave(session);
    let batches: SessionBatch[] = [];
    for (let entry = session.firstEntry; entry; entry = session.firstEntry) {
      // Most sessions wait with one batch, and pushing it into an empty array takes room for sixteen more.
      if (batches.length === 0) batches = [entry.batch];
      else batches.push(entry.batch);
      shift(session, entry);
    }
    session.executions += 1;
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      if (session.taken === taken) session.taken = undefined;
      session.executions -= 1;
      if (isReady(session)) ready += 1;
      if (session.executions === 0 && !session.firstEntry) forget(session);
      taken.onRelease?.();
    };
    const taken: TakenSession = { batches, release };
    session.taken = taken;
    return taken;
  }

  return {
    add(batch, now) {
      const session = open(batch);
      if (!session.firstEntry) {
        session.firstAt = now;
        byFirstArrival.append(session.patience);
      }
      session.lastAt = now;
      if (!session.isDue) byLastArrival.append(session.turn);
      arrivals.append(appendEntry(session, batch));
      waiting += weigh(batch);
      if (waiting > maxWaiting) dropOldest();
    },
    collectDue(now) {
      for (let found = next(); found && found.deadline <= now; found = next()) {
        becomeDue(found.session);
      }
    },
    nextDeadline: () => next()?.deadline,
    ready: () => ready,
    take(limits, evenRunning = false) {
      const taken: TakenSession[] = [];
      const enough = waiting - limits.actions;
      let place = due.first();
      while (place && taken.length < limits.sessions && (taken.length === 0 || waiting > enough)) {
        if (ready === 0 && !evenRunning) break;
        const { session, after }: Place = place;
        if (session.executions === 0 || evenRunning) taken.push(takeOne(session));
        place = after;
      }
      return taken;
    },
    release({ product_id, session_id, action_id }) {
      const taken = products.get(product_id)?.get(session_id)?.taken;
      if (taken && lastActionOf(taken) === action_id) taken.release();
    },
    waiting: () => waiting,
    sessions: () => sessions,
    takeDropped() {
      const count = dropped;
      dropped = 0;
      return count;
    },
  };
}

function lastActionOf({ batches }: TakenSession): string | undefined {
  return batches.findLast(({ actions }) => actions.length > 0)?.actions.at(-1)?.action_id;
}

function weigh(batch: SessionBatch): number {
  return Math.max(1, batch.actions.length);
}
