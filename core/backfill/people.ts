import { namesIn, ownNames, UNKNOWN_VISITOR, visitorAfter, type Visitor } from '../memory/visitor';
import type { Action, SessionBatch } from '../payload/types';
import { createRecent } from '../recent';
import { addStreamed, createPerson, takeMissing, takeOver, type Person } from './person';

/** Follows who acts in a stream, for the visitors who acted last: of each, what has come and in which session. */
export interface People {
  /** Follows a batch of the stream. Returns it without what a backfill brought before. */
  follow(batch: SessionBatch, now: number): SessionBatch;
  /** The user ids of those who acted since a time, in milliseconds since the epoch, the latest first. */
  actedSince(time: number, most: number): string[];
  /** The latest session that the stream named for a user; undefined if none, or if another person has it now. */
  sessionOf(userId: string): string | undefined;
  /**
   * Those of a visitor's last actions that neither the stream nor an earlier backfill brought, oldest first.
   *
   * @param since for a visitor of whom nothing has come: only later actions are missing, in seconds since the epoch;
   *   without it, none is
   */
  takeMissing(userId: string, actions: readonly Action[], since?: number): Action[];
}

/** Between as many and twice as many people are followed. */
const MOST_PEOPLE = 200;
const MOST_SESSIONS = 2_000;

interface Session {
  visitor: Visitor;
  person: Person;
}

export function createPeople(): People {
  const sessions = createRecent<Session>(MOST_SESSIONS, () => ({
    visitor: UNKNOWN_VISITOR,
    person: createPerson(null),
  }));
  const personOf = createRecent<Person>(MOST_PEOPLE, createPerson);

  /** Notices in a session who acts now. */
  function turnTo(session: Session, said: Parameters<typeof visitorAfter>[1]): Person {
    const { visitor, change } = visitorAfter(session.visitor, said);
    session.visitor = visitor;
    const before = session.person;
    if (visitor.user_id === null) {
      if (change === 'other_person') session.person = createPerson(null);
      return session.person;
    }
    const person = personOf(visitor.user_id);
    // An unknown visitor until now, or the same one by another id. What was forgotten stays so: copying it costs too much.
    const isRenamed = before.userId !== person.userId && change !== 'other_person';
    if (isRenamed && before.recent.length > 0) takeOver(person, before);
    session.person = person;
    return person;
  }

  return {
    follow(batch, now) {
      const session = sessions(batch.session_id);
      const names = namesIn(batch);
      let isWhole = true;
      const steps = batch.actions.map((action): Step => {
        const isNew = !addStreamed(turnTo(session, names(action)), action);
        isWhole &&= isNew;
        return { action, visitor: session.visitor, isNew };
      });
      if (batch.actions.length === 0) turnTo(session, batch);
      else session.person.lastAt = now;
      session.person.sessionId = batch.session_id;
      return isWhole ? batch : newIn(batch, steps, session.visitor);
    },
    actedSince(time, most) {
      return personOf
        .values()
        .filter(({ lastAt }) => lastAt >= time)
        .sort((a, b) => b.lastAt - a.lastAt)
        .slice(0, most)
        .flatMap(({ userId }) => userId ?? []);
    },
    sessionOf(userId) {
      const person = personOf(userId);
      const { sessionId } = person;
      return sessionId !== null && sessions(sessionId).person === person ? sessionId : undefined;
    },
    takeMissing(userId, actions, since) {
      const person = personOf(userId);
      person.knownAfter ??= since;
      return person.knownAfter === undefined ? [] : takeMissing(person, actions);
    },
  };
}

/** An action of a batch, who acts, and whether no backfill brought it before. */
interface Step {
  action: Action;
  visitor: Visitor;
  isNew: boolean;
}

/**
 * A batch with its new actions only. Each says itself who acts, because an action that is left out may have changed that.
 * A batch without actions still says it.
 */
function newIn(batch: SessionBatch, steps: readonly Step[], last: Visitor): SessionBatch {
  const kept = steps.filter(({ isNew }) => isNew);
  const actions = kept.map(({ action, visitor }, index): Action => {
    return { ...action, index, ...ownNames(visitor) };
  });
  const summaries = batch.summaries?.map((summary) => {
    const before = steps.slice(0, summary.position);
    return { ...summary, position: before.filter(({ isNew }) => isNew).length };
  });
  return {
    ...batch,
    ...namesOf(kept[0]?.visitor ?? last),
    actions,
    count: actions.length,
    ...((summaries ?? actions.length === 0) && { summaries: summaries ?? [] }),
  };
}

function namesOf({ user_id, email, stream_conversation_id }: Visitor) {
  return { user_id, email, conversation_id: stream_conversation_id };
}
