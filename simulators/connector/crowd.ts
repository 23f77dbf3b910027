import { type Clock, systemClock } from '../../core/clock';
import { type Random, between } from '../random';
import type { ActionsFrame } from './frames';
import type { ConnectorSimulator } from './server';
import { createVisitor, newSessionId, type Person, type Step, type Visitor } from './visitors';

export interface CrowdOptions {
  connector: Pick<ConnectorSimulator, 'send'>;
  productId: string;
  people: readonly Person[];
  /**
   * Batches per second of everybody together. Left out, each person acts at a human pace: 1 to 4
   * actions every 1 to 6 s, and after a while a pause of 20 to 60 s.
   */
  ratePerSecond?: number;
  clock?: Clock;
  random?: Random;
}

export interface Crowd {
  /** Everybody active begins to act by themselves. */
  start(): void;
  stop(): void;
  /** Lets one person act by themselves, or holds them back. Everybody is active at first. */
  setActive(personId: string, active: boolean): void;
  isActive(personId: string): boolean;
  /** Makes a person take these steps now, or `count` steps of their own choice. */
  act(personId: string, what: readonly Step[] | { count: number }): ActionsFrame;
  /** @throws Error for somebody who is not in the crowd */
  visitor(personId: string): Visitor;
  /** Everybody's session, by the person's id. */
  sessions(): Record<string, string>;
  /** Lets people go on in the sessions of an earlier run. To be called before anybody acts. */
  resume(sessions: Record<string, string>): void;
  people: readonly Person[];
}

const TICK_MS = 20;

/** Several visitors of one product, each in a session of their own. */
export function createCrowd(options: CrowdOptions): Crowd {
  const { connector, productId, people, ratePerSecond } = options;
  const { clock = systemClock, random = Math.random } = options;
  const visitors = new Map<string, Visitor>();
  const enter = (person: Person, sessionId = newSessionId(random, clock.now())): void => {
    const visitor = createVisitor({ person, sessionId, productId, random, now: clock.now });
    visitors.set(person.id, visitor);
  };
  people.forEach((person) => enter(person));
  const resting = new Set<string>();
  /** What cancels what is to come, by whose it is. */
  const timers = new Map<string, () => void>();
  let running = false;

  const visitor = (personId: string): Visitor => {
    const known = visitors.get(personId);
    if (!known) throw new Error(`Nobody in the crowd has the id "${personId}"`);
    return known;
  };
  const send = (frame: ActionsFrame): ActionsFrame => {
    connector.send(productId, frame);
    return frame;
  };
  const later = (key: string, ms: number, task: () => void): void => {
    timers.set(key, clock.after(ms, task));
  };

  const liveAtHumanPace = (personId: string, burstsLeft: number): void => {
    const pause = burstsLeft > 0 ? between(random, 1_000, 6_000) : between(random, 20_000, 60_000);
    later(personId, pause, () => {
      if (!resting.has(personId)) send(visitor(personId).next());
      liveAtHumanPace(personId, burstsLeft > 0 ? burstsLeft - 1 : between(random, 4, 10));
    });
  };

  const liveAtRate = (perSecond: number): void => {
    const began = clock.now();
    let sent = 0;
    let turn = 0;
    const tick = (): void => {
      const due = Math.floor(((clock.now() - began) / 1_000) * perSecond);
      const awake = people.filter(({ id }) => !resting.has(id));
      for (; sent < due; sent += 1) {
        const person = awake[turn++ % awake.length];
        if (person) send(visitor(person.id).next());
      }
      later('rate', TICK_MS, tick);
    };
    tick();
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
      if (ratePerSecond !== undefined) liveAtRate(ratePerSecond);
      else people.forEach(({ id }) => liveAtHumanPace(id, between(random, 4, 10)));
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
