import type { SessionBatch } from '../payload/types';
import { createList } from './list';
import {
  appendEntry,
  createSession,
  type Entry,
  type Place,
  type Session,
  type TakenSession,
} from './session';
import type { Released, WaitingLimits } from './types';

/** Where sessions wait for their execution. Reads no clock and sets no timers. */
interface WaitingRoom {
  /** Takes in a batch that arrived at `now`. Constant time. */
  add(batch: SessionBatch, now: number): void;
  /** Moves every session whose deadline has passed into the queue of due sessions, in deadline order. */
  collectDue(now: number): void;
  /** The earliest deadline of the sessions that are not due yet. */
  nextDeadline(): number | undefined;
  /** How many due sessions can be taken, because they are in no execution. */
  ready(): number;
  /** Takes the due sessions that have waited longest; skips those in an execution, unless `evenRunning`. */
  take(limits: { sessions: number; actions: number }, evenRunning?: boolean): TakenSession[];
  /** Allows a session to be taken again. Only the first call counts. */
  end(taken: TakenSession): void;
  /** Does the same for the session that is in an execution with this activity; nothing for any other. */
  release(activity: Released): void;
  /** How many actions wait. A batch without actions, which holds a summary, counts as one. */
  waiting(): number;
  /** How many sessions are known: waiting or in an execution. */
  sessions(): number;
  /** How many actions were dropped since the last call. */
  takeDropped(): number;
}

export function createWaitingRoom({ quietMs, maxDelayMs, maxWaiting }: WaitingLimits): WaitingRoom {
  // Two levels, because joining and hashing a new string would cost more than everything else here.
  const products = new Map<string, Map<string, Session>>();
  const arrivals = createList<Entry>();
  // Every session waits equally long, so both lists are in the order of deadlines as well.
  const byLastArrival = createList<Session>();
  const byFirstArrival = createList<Place>();
  // A session that becomes due while it is in an execution keeps its place here, and others overtake it.
  // So the list stays in the order of deadlines.
  const due = createList<Session>();
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

  /** Takes the session out of the lists: nothing of it waits any more. */
  function leave(session: Session): void {
    if (isReady(session)) ready -= 1;
    (session.isDue ? due : byLastArrival).remove(session);
    byFirstArrival.remove(session.longestWait);
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
      // The oldest entry of all is also the oldest of its session.
      shift(session, entry);
      if (session.firstEntry) continue;
      leave(session);
      if (session.executions === 0) forget(session);
    }
  }

  function becomeDue(session: Session): void {
    byLastArrival.remove(session);
    byFirstArrival.remove(session.longestWait);
    session.isDue = true;
    due.append(session);
    if (isReady(session)) ready += 1;
  }

  /** The next session to become due, and when. */
  function next(): { session: Session; deadline: number } | undefined {
    const quietest = byLastArrival.first();
    const longest = byFirstArrival.first()?.session;
    if (!quietest || !longest) return undefined;
    const quietDeadline = quietest.lastAt + quietMs;
    const longestDeadline = longest.firstAt + maxDelayMs;
    return quietDeadline < longestDeadline
      ? { session: quietest, deadline: quietDeadline }
      : { session: longest, deadline: longestDeadline };
  }

  function takeOne(session: Session): TakenSession {
    leave(session);
    let batches: SessionBatch[] = [];
    for (let entry = session.firstEntry; entry; entry = session.firstEntry) {
      // Most sessions wait with one batch. Pushing it into an empty array would reserve room for sixteen more.
      if (batches.length === 0) batches = [entry.batch];
      else batches.push(entry.batch);
      shift(session, entry);
    }
    session.executions += 1;
    session.taken = { session, batches, isReleased: false, onRelease: undefined };
    return session.taken;
  }

  function end(taken: TakenSession): void {
    if (taken.isReleased) return;
    const { session } = taken;
    taken.isReleased = true;
    if (session.taken === taken) session.taken = undefined;
    session.executions -= 1;
    if (isReady(session)) ready += 1;
    if (session.executions === 0 && !session.firstEntry) forget(session);
    taken.onRelease?.();
  }

  return {
    add(batch, now) {
      const session = open(batch);
      if (!session.firstEntry) {
        session.firstAt = now;
        byFirstArrival.append(session.longestWait);
      }
      session.lastAt = now;
      if (!session.isDue) byLastArrival.append(session);
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
      let candidate = due.first();
      while (
        candidate &&
        taken.length < limits.sessions &&
        (taken.length === 0 || waiting > enough)
      ) {
        if (ready === 0 && !evenRunning) break;
        const session: Session = candidate;
        candidate = session.after;
        if (session.executions === 0 || evenRunning) taken.push(takeOne(session));
      }
      return taken;
    },
    end,
    release({ product_id, session_id, action_id }) {
      const taken = products.get(product_id)?.get(session_id)?.taken;
      if (taken && brought(taken, action_id)) end(taken);
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

/** Whether an execution got this action. A source may have reordered what it got, and told one action by another. */
function brought({ batches }: TakenSession, action_id: string): boolean {
  return batches.some(({ actions }) => actions.some((one) => one.action_id === action_id));
}

/** How much a batch adds to {@link WaitingRoom.waiting}. */
function weigh(batch: SessionBatch): number {
  return Math.max(1, batch.actions.length);
}

/**
 * A copy of the batch without its first `count` actions, which must be fewer than it has. Summaries
 * keep their place among the remaining actions.
 */
function withoutFirstActions(batch: SessionBatch, count: number): SessionBatch {
  const actions = batch.actions.slice(count).map((action, index) => ({ ...action, index }));
  return {
    ...batch,
    actions,
    count: actions.length,
    ...(batch.summaries && {
      summaries: batch.summaries.map((summary) => ({
        ...summary,
        position: Math.max(0, summary.position - count),
      })),
    }),
  };
}
