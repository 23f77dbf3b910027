import { type Clock, systemClock } from '../../core/clock';
import { type Random, between, pick, uuid7 } from '../random';
import type { ActionsFrame } from './frames';
import type { ConnectorSimulator } from './server';
import type { Site } from './site';
import { type Beat, STUCK, STUCK_WAYS, type StuckWay } from './stuck';
import { createVisitor, type Deed, type Person, type Step, type Visitor } from './visitors';

interface CrowdOptions {
  connector: Pick<ConnectorSimulator, 'send'>;
  productId: string;
  people: readonly Person[];
  /** What the pages hold. Default: the plausible site. */
  site?: Site | undefined;
  /** Called for each step that a person takes, besides what the connector sends. */
  onDeed?: (deed: Deed) => void;
  /** In how many of their spells people get stuck, 0 to 1. Default 0. */
  stuckShare?: number | undefined;
  clock?: Clock;
  random?: Random;
}

export interface Crowd {
  /**
   * All active persons start to act on their own at a human pace: 1 to 3 actions every 4 to 14 s for a while, then
   * they read for up to a minute. After a few such spells they leave the site, and come back minutes later.
   */
  start(): void;
  stop(): void;
  /** Lets one person act on their own, or not. At first all are active. One who is not active does not leave either. */
  setActive(personId: string, active: boolean): void;
  isActive(personId: string): boolean;
  /** Whether a person is on the site. */
  isHere(personId: string): boolean;
  /** Calls the listener after a person has come or left; returns a function that ends this. */
  onPresence(listener: (personId: string) => void): () => void;
  /** Makes a person take these steps now, or `count` random steps. One who had left comes back for it. */
  act(personId: string, what: readonly Step[] | { count: number }): ActionsFrame;
  /** Makes a person get stuck, step by step from now on. Until they are made active again, they stay where that leads. */
  getStuck(personId: string, way: StuckWay): void;
  /** @throws Error for an id that is not in the crowd */
  visitor(personId: string): Visitor;
  /** The session id of each person, by the person's id. */
  sessions(): Record<string, string>;
  /** Continues the sessions of an earlier run. To be called before `start`. */
  resume(sessions: Record<string, string>): void;
  /** A real browser acts for a person: they are here, in its session, and do nothing on their own any more. */
  adopt(personId: string, sessionId: string): void;
  people: readonly Person[];
}

/** From and to, both included. Times in milliseconds. */
const PACE = {
  betweenActions: [4_000, 14_000],
  atOnce: [1, 3],
  /** Times that a person acts until they read for a while. */
  inOneSpell: [3, 6],
  reading: [20_000, 60_000],
  /** Spells until they leave. */
  inOneVisit: [1, 4],
  away: [120_000, 420_000],
  stuck: [60_000, 100_000],
} as const;
/** After this time without activity, a session has ended, as in PostHog. */
const SESSION_MS = 30 * 60_000;

/** What is left of a visit. */
interface Left {
  spells: number;
  acts: number;
}

/** Several visitors of one product, each in their own session. */
export function createCrowd(options: CrowdOptions): Crowd {
  const { connector, productId, people, site, onDeed, stuckShare = 0 } = options;
  const { clock = systemClock, random = Math.random } = options;
  const visitors = new Map<string, Visitor>();
  const enter = (person: Person, sessionId = uuid7(random, clock.now())): void => {
    const now = clock.now;
    const visitor = createVisitor({
      person,
      sessionId,
      productId,
      random,
      now,
      onDeed,
      ...(site && { site }),
    });
    visitors.set(person.id, visitor);
  };
  people.forEach((person) => enter(person));
  const resting = new Set<string>();
  const away = new Set<string>();
  /** When each person acted last, by the person's id. */
  const acted = new Map<string, number>();
  const listeners = new Set<(personId: string) => void>();
  /** How visitors have got stuck in their sessions. */
  const stuck = new WeakMap<Visitor, Set<StuckWay>>();
  /** Cancels a person's next step, by the person's id. */
  const timers = new Map<string, () => void>();
  let running = false;

  const some = ([from, to]: readonly [number, number]): number => between(random, from, to);
  const visitor = (personId: string): Visitor => {
    const known = visitors.get(personId);
    if (!known) throw new Error(`No person in the crowd has the id "${personId}"`);
    return known;
  };
  const send = (frame: ActionsFrame): ActionsFrame => {
    connector.send(productId, frame);
    return frame;
  };
  const announce = (personId: string): void => listeners.forEach((listener) => listener(personId));

  /** The visitor, on the site, in a session that has not ended. */
  const arriving = (personId: string): Visitor => {
    const { person } = visitor(personId);
    const last = acted.get(personId);
    if (last !== undefined && clock.now() - last >= SESSION_MS) enter(person);
    acted.set(personId, clock.now());
    if (away.delete(personId)) announce(personId);
    return visitor(personId);
  };
  const after = (personId: string, pause: number, step: () => void): void => {
    timers.get(personId)?.();
    timers.set(personId, clock.after(pause, step));
  };
  const newVisit = (): Left => ({ spells: some(PACE.inOneVisit), acts: some(PACE.inOneSpell) });
  const live = (personId: string, { spells, acts }: Left): void =>
    after(personId, some(acts > 0 ? PACE.betweenActions : PACE.reading), () => {
      if (resting.has(personId)) return live(personId, { spells, acts });
      if (acts === 0 && spells <= 1) return leave(personId);
      if (acts === 0 && stuckShare > 0 && random() < stuckShare) {
        return getStuck(personId, pick(random, STUCK_WAYS), () =>
          after(personId, some(PACE.stuck), () => live(personId, { spells: spells - 1, acts: 0 })),
        );
      }
      send(arriving(personId).next(some(PACE.atOnce)));
      live(
        personId,
        acts > 0
          ? { spells, acts: acts - 1 }
          : { spells: spells - 1, acts: some(PACE.inOneSpell) - 1 },
      );
    });
  const getStuck = (personId: string, way: StuckWay, then: () => void): void => {
    const { person } = arriving(personId);
    // In one session it would be noticed once.
    if (stuck.get(visitor(personId))?.has(way)) enter(person);
    const ways = stuck.get(visitor(personId)) ?? new Set();
    stuck.set(visitor(personId), ways.add(way));
    const play = ([beat, ...rest]: readonly Beat[]): void => {
      if (!beat) return then();
      send(arriving(personId).script(beat.steps, beat.eachMs));
      after(personId, beat.pauseMs, () => play(rest));
    };
    play(STUCK[way]);
  };
  const leave = (personId: string): void => {
    away.add(personId);
    announce(personId);
    after(personId, some(PACE.away), () => live(personId, newVisit()));
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
    adopt(personId, sessionId) {
      enter(visitor(personId).person, sessionId);
      resting.add(personId);
      acted.set(personId, clock.now());
      away.delete(personId);
      announce(personId);
    },
    start() {
      if (running) return;
      running = true;
      people.forEach(({ id }) => live(id, newVisit()));
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
    isHere: (personId) => !away.has(personId),
    onPresence(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getStuck(personId, way) {
      visitor(personId);
      resting.add(personId);
      getStuck(personId, way, () => {
        if (running) live(personId, newVisit());
      });
    },
    act(personId, what) {
      const wasAway = away.has(personId);
      const acting = arriving(personId);
      if (running && wasAway) live(personId, newVisit());
      return send('count' in what ? acting.next(what.count) : acting.script(what));
    },
  };
}
