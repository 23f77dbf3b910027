import { type Clock, systemClock } from '../../core/clock';
import { type Random, between } from '../random';
import type { ActionsFrame } from './frames';
import type { ConnectorSimulator } from './server';
import { createVisitor, newSessionId, type Person, type Step, type Visitor } from './visitors';

interface CrowdOptions {
  connector: Pick<ConnectorSimulator, 'send'>;
  productId: string;
  people: readonly Person[];
  clock?: Clock;
  random?: Random;
}

export interface Crowd {
  /**
   * All active persons start to act on their own at a human pace: 1 to 4 actions every 1 to 6 s, and
   * after a while a pause of 20 to 60 s.
   */
  start(): void;
  stop(): void;
  /** Lets one person act on their own, or not. At first all are active. */
  setActive(personId: string, active: boolean): void;
  isActive(personId: string): boolean;
  /** Makes a person take these steps now, or `count` random steps. */
  act(personId: string, what: readonly Step[] | { count: number }): ActionsFrame;
  /** @throws Error for an id that is not in the crowd */
  visitor(personId: string): Visitor;
  /** The session id of each person, by the person's id. */
  sessions(): Record<string, string>;
  /** Continues the sessions of an earlier run. To be called before `start`. */
  resume(sessions: Record<string, string>): void;
  people: readonly Person[];
}

/** Several visitors of one product, each in their own session. */
export function createCrowd(options: CrowdOptions): Crowd {
  const { connector, productId, people } = options;
  const { clock = systemClock, random = Math.random } = options;
  const visitors = new Map<string, Visitor>();
  const enter = (person: Person, sessionId = newSessionId(random, clock.now())): void => {
    const visitor = createVisitor({ person, sessionId, productId, random, now: clock.now });
    visitors.set(person.id, visitor);
  };
  people.forEach((person) => enter(person));
  const resting = new Set<string>();
  /** Cancels a person's next step, by the person's id. */
  const timers = new Map<string, () => void>();
  let running = false;

  const visitor = (personId: string): Visitor => {
    const known = visitors.get(personId);
    if (!known) throw new Error(`No person in the crowd has the id "${personId}"`);
    return known;
  };
  const send = (frame: ActionsFrame): ActionsFrame => {
    connector.send(productId, frame);
    return frame;
  };
  const liveAtHumanPace = (personId: string, burstsLeft: number): void => {
    const pause = burstsLeft > 0 ? between(random, 1_000, 6_000) : between(random, 20_000, 60_000);
    const act = () => {
      if (!resting.has(personId)) send(visitor(personId).next());
      liveAtHumanPace(personId, burstsLeft > 0 ? burstsLeft - 1 : between(random, 4, 10));
    };
    timers.set(personId, clock.after(pause, act));
  };

  return {
    people,
    visitor,
    sessions: () => Object.fromEntries([...visitors].map(([id, { sessionId }]) => [id, sessionId])),
    resume(sessions) {
      for (const person of people) {
        const sessionId = sessions[person.id];
        if (sessionId) enter(person, sessionId);
      }
    },
    start() {
      if (running) return;
      running = true;
      people.forEach(({ id }) => liveAtHumanPace(id, between(random, 4, 10)));
    },
    stop() {
      running = false;
      timers.forEach((cancel) => cancel());
      timers.clear();
    },
    setActive(personId, active) {
      visitor(personId);
      if (active) resting.delete(personId);
      else resting.add(personId);
    },
    isActive: (personId) => !resting.has(personId),
    act(personId, what) {
      const acting = visitor(personId);
      return send('count' in what ? acting.next(what.count) : acting.script(what));
    },
  };
}
