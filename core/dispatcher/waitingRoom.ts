import type { SessionBatch } from '../payload/types';
import { createLink, createOrder, type Link, type Order } from './order';
import { withoutFirstActions } from './trim';
import type { WaitingLimits } from './types';

/** Where sessions wait for their execution. Keeps no time of its own and sets no timers. */
export interface WaitingRoom {
  /** Takes in a batch that arrived at `now`. Constant time, however many sessions wait. */
  add(batch: SessionBatch, now: number): void;
  /** Puts every session whose deadline has come in the queue of due sessions, in deadline order. */
  collectDue(now: number): void;
  /** The earliest deadline of the sessions that are not due yet. */
  nextDeadline(): number | undefined;
  /** Whether a due session can go: it is in no execution. */
  hasReady(): boolean;
  /** Takes out the due sessions that have waited longest; a session in an execution is passed over. */
  take(limits: { sessions: number; actions: number }, evenRunning?: boolean): TakenSession[];
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
  /** To be called once, when the execution has ended: the session may be taken again. */
  release(): void;
}

interface Session {
  key: string;
  entries: Order<Entry>;
  firstAt: number;
  lastAt: number;
  /** Places among the sessions that are not due, by last and by first arrival, and among the due. */
  quiet: Link<Session>;
  patience: Link<Session>;
  due: Link<Session>;
  executions: number;
}

interface Entry {
  session: Session;
  batch: SessionBatch;
  inSession: Link<Entry>;
  inArrivals: Link<Entry>;
}

export function createWaitingRoom({ quietMs, maxDelayMs, maxWaiting }: WaitingLimits): WaitingRoom {
  const sessions = new Map<string, Session>();
  const arrivals = createOrder<Entry>();
  // Every session waits equally long, so both orders of arrival are orders of deadlines as well.
  const byLastArrival = createOrder<Session>();
  const byFirstArrival = createOrder<Session>();
  // A session that is due while it runs keeps its place here, and others pass it: the order stays
  // that of the deadlines.
  const due = createOrder<Session>();
  let waiting = 0;
  let ready = 0;
  let dropped = 0;

  const isReady = (session: Session) => session.due.placed && session.executions === 0;

  function open(batch: SessionBatch): Session {
    const key = `${batch.product_id}\0${batch.session_id}`;
    const known = sessions.get(key);
    if (known) return known;
    const session = { key, entries: createOrder<Entry>(), firstAt: 0, lastAt: 0, executions: 0 };
    const placed = session as Session;
    placed.quiet = createLink(placed);
    placed.patience = createLink(placed);
    placed.due = createLink(placed);
    sessions.set(key, placed);
    return placed;
  }

  function leave(session: Session): void {
    if (isReady(session)) ready -= 1;
    byLastArrival.remove(session.quiet);
    byFirstArrival.remove(session.patience);
    due.remove(session.due);
    if (session.executions === 0) sessions.delete(session.key);
  }

  function removeEntry(entry: Entry): void {
    arrivals.remove(entry.inArrivals);
    entry.session.entries.remove(entry.inSession);
    waiting -= weigh(entry.batch);
  }

  function dropOldest(): void {
    while (waiting > maxWaiting) {
      const entry = arrivals.first();
      if (!entry) return;
      const excess = waiting - maxWaiting;
      if (weigh(entry.batch) <= excess) {
        dropped += weigh(entry.batch);
        removeEntry(entry);
        if (!entry.session.entries.first()) leave(entry.session);
      } else {
        entry.batch = withoutFirstActions(entry.batch, excess);
        dropped += excess;
        waiting -= excess;
      }
    }
  }

  function becomeDue(session: Session): void {
    byLastArrival.remove(session.quiet);
    byFirstArrival.remove(session.patience);
    due.append(session.due);
    if (isReady(session)) ready += 1;
  }

  function next(): { session: Session; deadline: number } | undefined {
    const quiet = byLastArrival.first();
    const patient = byFirstArrival.first();
    if (!quiet || !patient) return undefined;
    const quietDeadline = quiet.lastAt + quietMs;
    const patienceDeadline = patient.firstAt + maxDelayMs;
    return quietDeadline < patienceDeadline
      ? { session: quiet, deadline: quietDeadline }
      : { session: patient, deadline: patienceDeadline };
  }

  function takeOne(session: Session): TakenSession {
    const batches: SessionBatch[] = [];
    for (let entry = session.entries.first(); entry; entry = session.entries.first()) {
      batches.push(entry.batch);
      removeEntry(entry);
    }
    leave(session);
    sessions.set(session.key, session);
    session.executions += 1;
    const release = () => {
      session.executions -= 1;
      if (session.executions > 0) return;
      if (isReady(session)) ready += 1;
      if (!session.entries.first()) sessions.delete(session.key);
    };
    return { batches, release };
  }

  return {
    add(batch, now) {
      const session = open(batch);
      const entry = { session, batch } as Entry;
      entry.inSession = createLink(entry);
      entry.inArrivals = createLink(entry);
      if (!session.entries.first()) {
        session.firstAt = now;
        byFirstArrival.append(session.patience);
      }
      session.entries.append(entry.inSession);
      arrivals.append(entry.inArrivals);
      waiting += weigh(batch);
      session.lastAt = now;
      if (!session.due.placed) byLastArrival.append(session.quiet);
      if (waiting > maxWaiting) dropOldest();
    },
    collectDue(now) {
      for (let found = next(); found && found.deadline <= now; found = next()) {
        becomeDue(found.session);
      }
    },
    nextDeadline: () => next()?.deadline,
    hasReady: () => ready > 0,
    take(limits, evenRunning = false) {
      const taken: TakenSession[] = [];
      let actions = 0;
      let link = due.head();
      while (link && taken.length < limits.sessions && actions < limits.actions) {
        if (ready === 0 && !evenRunning) break;
        const session = link.value;
        link = link.after;
        if (session.executions > 0 && !evenRunning) continue;
        const before = waiting;
        taken.push(takeOne(session));
        actions += before - waiting;
      }
      return taken;
    },
    waiting: () => waiting,
    sessions: () => sessions.size,
    takeDropped() {
      const count = dropped;
      dropped = 0;
      return count;
    },
  };
}

function weigh(batch: SessionBatch): number {
  return Math.max(1, batch.actions.length);
}
