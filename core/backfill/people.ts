import {
  namesIn,
  namesNobody,
  ownNames,
  UNKNOWN_VISITOR,
  visitorAfter,
  type Visitor,
} from '../memory/visitor';
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

/** Between as many and twice as many people are followed, and as many unknown visitors. */
const MOST_PEOPLE = 200;
const MOST_SESSIONS = 2_000;

/** Has no hold on its person: what is known of people who are forgotten must not stay with their sessions. */
interface Session {
  visitor: Visitor;
}

export function createPeople(): People {
  const sessions = createRecent<Session>(MOST_SESSIONS, () => ({ visitor: UNKNOWN_VISITOR }));
  const people = createRecent<Person>(MOST_PEOPLE, createPerson);
  /** By the id of their session. */
  const unknown = createRecent<Person>(MOST_PEOPLE, () => createPerson(null));
  /** Whether a backfill has brought anything, which the stream may repeat. */
  let hasFilled = false;

  /** Notices in a session who acts now. */
  function turnTo(id: string, session: Session, said: Parameters<typeof visitorAfter>[1]): Person {
    const before = session.visitor.user_id;
    const { visitor, change } = visitorAfter(session.visitor, said);
    session.visitor = visitor;
    const userId = visitor.user_id;
    const person = userId === null ? unknown(id) : people(userId);
    if (change === 'other_person') {
      if (userId === null) Object.assign(person, createPerson(null));
    } else if (userId !== before) {
      // An unknown visitor until now, or the same one by another id. What was forgotten stays so: copying it costs too much.
      const earlier = before === null ? unknown.kept(id) : people.kept(before);
      if (earlier && earlier.recent.length > 0) takeOver(person, earlier);
    }
    return person;
  }

  return {
    follow(batch, now) {
      const session = sessions(batch.session_id);
      let names: ReturnType<typeof namesIn> | undefined;
      let person: Person | undefined;
      let isSettled = false;
      let isWhole = true;
      const steps: Step[] = [];
      for (const action of batch.actions) {
        const isPlain = namesNobody(action);
        // Once the batch's names have changed nothing, an action without names of its own changes nothing either.
        if (!person || !isSettled || !isPlain) {
          const before = session.visitor;
          // Until an action has another, the batch's names hold.
          const said = isPlain && !names ? batch : (names ??= namesIn(batch))(action);
          person = turnTo(batch.session_id, session, said);
          isSettled = session.visitor === before;
        }
        const isNew = !addStreamed(person, action);
        isWhole &&= isNew;
        if (hasFilled) steps.push({ action, visitor: session.visitor, isNew });
      }
      if (person) person.lastAt = now;
      else person = turnTo(batch.session_id, session, batch);
      person.sessionId = batch.session_id;
      return isWhole ? batch : newIn(batch, steps, session.visitor);
    },
    actedSince(time, most) {
      return people
        .values()
        .filter(({ lastAt }) => lastAt >= time)
        .sort((a, b) => b.lastAt - a.lastAt)
        .slice(0, most)
        .flatMap(({ userId }) => userId ?? []);
    },
    sessionOf(userId) {
      const id = people.kept(userId)?.sessionId ?? undefined;
      return id !== undefined && sessions.kept(id)?.visitor.user_id === userId ? id : undefined;
    },
    takeMissing(userId, actions, since) {
      const person = people(userId);
      person.knownAfter ??= since;
      if (person.knownAfter === undefined) return [];
      hasFilled = true;
      return takeMissing(person, actions);
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
