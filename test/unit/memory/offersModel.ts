import type { Manners } from '../../../core/manners/types';

// What offers are to do, in plain sets and lists: no database, no keys, no indexes, no lazy settling.

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

interface ModelSession {
  /** The names that it has gone by, and its own. */
  names: Set<string>;
  lastAt: number;
  seenAt: number;
}

export interface ModelOffer {
  session: string;
  /** Which life of the session it was made in: one that is erased begins anew. */
  life: ModelSession;
  rule: string;
  names: Set<string>;
  /** Where it was sent; undefined before. */
  conversation?: string;
  decidedAt: number;
  sentAt: number | undefined;
  outcome: 'sending' | 'open' | 'accepted' | 'dismissed' | 'replied' | 'ignored' | 'left' | 'gone';
  outcomeAt: number;
  pressed?: Said;
  lapsesAt: number;
}

/** A plain model of the offers of one memory. */
export function createOffersModel(manners: Manners) {
  const sessions = new Map<string, ModelSession>();
  const offers: ModelOffer[] = [];
  /** Names of persons who want no offers. */
  const stopped = new Set<string>();

  const lasting = (names: Iterable<string>) =>
    [...names].filter((name) => !name.startsWith('session'));
  const meets = (a: ReadonlySet<string>, b: ReadonlySet<string>) => [...a].some((x) => b.has(x));

  /** All names of the person who acts in a session: those of all sessions that are connected with it. */
  function personOf(session: string): Set<string> {
    const all = new Set(sessions.get(session)!.names);
    for (let grows = true; grows;) {
      const before = all.size;
      for (const { names } of sessions.values()) {
        if (meets(all, names)) for (const name of names) all.add(name);
      }
      grows = all.size > before;
    }
    return all;
  }

  /** Everything that time brings about, up to now. */
  function settle(now: number): void {
    for (const offer of offers) {
      if (offer.outcome === 'open' && offer.sentAt! + manners.ignoredAfterMs <= now) {
        const isThere = offer.life.lastAt > offer.sentAt!;
        offer.outcome = isThere ? 'ignored' : 'left';
        offer.outcomeAt = offer.sentAt! + manners.ignoredAfterMs;
      }
      // A worker that stops may have sent it.
      if (offer.outcome === 'sending' && offer.lapsesAt + 10 * MINUTE_MS <= now) {
        offer.outcome = 'left';
        offer.sentAt = offer.decidedAt;
        offer.outcomeAt = offer.decidedAt;
      }
    }
  }

  /** Erases sessions that nobody acted in for a day: what they tell of a person stays with the person's offers. */
  function expire(now: number): void {
    settle(now);
    const over = [...sessions].filter(([, session]) => session.seenAt + DAY_MS <= now);
    // As often as one session may learn from another.
    for (const _ of over) {
      for (const [, session] of over) {
        for (const { names } of offers) {
          if (meets(names, session.names))
            for (const name of lasting(session.names)) names.add(name);
        }
        if (meets(session.names, stopped))
          for (const name of lasting(session.names)) stopped.add(name);
      }
    }
    for (const [id] of over) sessions.delete(id);
  }

  return {
    offers,
    personOf,
    isKnown: (session: string, now: number) => {
      const known = sessions.get(session);
      return known !== undefined && known.seenAt + DAY_MS > now;
    },
    act(session: string, names: readonly string[], now: number): void {
      const made = sessions.get(session) ?? {
        names: new Set([`session ${session}`]),
        lastAt: 0,
        seenAt: 0,
      };
      sessions.set(session, made);
      for (const name of names) made.names.add(name);
      made.lastAt = made.seenAt = now;
    },
    expire,
    /** Why an offer may not be made; undefined if it may. */
    reason(session: string, rule: string, now: number, except?: ModelOffer): string | undefined {
      settle(now);
      const life = sessions.get(session)!;
      const person = personOf(session);
      const theirs = offers.filter(
        (o) => o !== except && o.outcome !== 'gone' && meets(o.names, person),
      );
      const has = (test: (offer: ModelOffer) => boolean) => theirs.some(test);
      const count = (test: (offer: ModelOffer) => boolean) => theirs.filter(test).length;
      const lately = (at: number | undefined, ms: number) => at !== undefined && now - at < ms;
      const up = (most: number, n: number) => most > 0 && n >= most;
      const answers = theirs
        .filter(({ outcome }) => ['accepted', 'dismissed', 'replied'].includes(outcome))
        .toSorted((a, b) => b.outcomeAt - a.outcomeAt || offers.indexOf(b) - offers.indexOf(a));
      if (meets(person, stopped)) {
        for (const name of lasting(person)) stopped.add(name);
        return 'stopped_for_ever';
      }
      if (has((o) => o.outcome === 'sending' || o.outcome === 'open')) return 'offer_open';
      if (
        up(
          manners.perSession,
          count((o) => o.life === life),
        )
      )
        return 'per_session';
      if (
        up(
          manners.perWeek,
          count((o) => lately(o.decidedAt, 7 * DAY_MS)),
        )
      )
        return 'per_week';
      if (
        up(
          manners.perRule,
          count((o) => o.rule === rule),
        )
      )
        return 'per_rule';
      if (has((o) => o.outcome === 'dismissed' && o.life === life)) return 'dismissed_in_session';
      const dismissed = (o: ModelOffer) =>
        o.outcome === 'dismissed' && lately(o.outcomeAt, manners.afterDismissedMs);
      if (has((o) => o.rule === rule && dismissed(o))) return 'dismissed_rule';
      const isTwice =
        answers.length > 1 && answers.slice(0, 2).every((o) => o.outcome === 'dismissed');
      if (isTwice && lately(answers[0]!.outcomeAt, manners.afterTwoDismissalsMs))
        return 'dismissed_twice';
      if (has((o) => lately(o.sentAt, manners.afterShownMs))) return 'after_shown';
      const was = (outcomes: string[], ms: number) =>
        has((o) => outcomes.includes(o.outcome) && lately(o.outcomeAt, ms));
      if (was(['ignored'], manners.afterIgnoredMs)) return 'after_ignored';
      if (was(['accepted', 'replied'], manners.afterAcceptedMs)) return 'after_accepted';
      return undefined;
    },
    make(session: string, rule: string, now: number, lapsesAt: number): ModelOffer {
      const made: ModelOffer = {
        ...{ session, rule, lapsesAt, decidedAt: now, outcomeAt: now },
        life: sessions.get(session)!,
        names: new Set([...lasting(personOf(session)), `session ${session}`]),
        sentAt: undefined,
        outcome: 'sending',
      };
      offers.push(made);
      return made;
    },
    sent(offer: ModelOffer, conversation: string, now: number): void {
      Object.assign(offer, { outcome: 'open', conversation, sentAt: now, outcomeAt: now });
    },
    /** A worker gave it up, and it may be there or not. */
    failed(offer: ModelOffer, mayBeThere: boolean): void {
      offer.outcome = mayBeThere ? 'left' : 'gone';
      offer.sentAt = offer.outcomeAt = offer.decidedAt;
    },
    /** What is answered about a reply in a conversation. */
    reply(conversation: string, said: Said, now: number): string {
      settle(now);
      const kept = offers.filter(
        (o) =>
          o.conversation === conversation && (o.outcome === 'open' || now - o.outcomeAt < DAY_MS),
      );
      const isPress = said === 'show' || said === 'no';
      const open = isPress ? undefined : kept.find(({ outcome }) => outcome === 'open');
      const offer = open ?? kept.at(-1);
      if (!offer) return 'no_offer';
      if (isPress && offer.pressed) return offer.pressed === said ? offer.outcome : 'second_choice';
      if (!isPress && offer.outcome !== 'open') {
        const isStop = said === 'stop' && ['ignored', 'left', 'dismissed'].includes(offer.outcome);
        if (!isStop) return 'no_offer';
      }
      if (isPress) offer.pressed = said;
      offer.outcome = OUTCOMES[said];
      offer.outcomeAt = now;
      if (said === 'stop') {
        const then = lasting(offer.names);
        for (const name of then.length > 0 ? then : offer.names) stopped.add(name);
        const isAlive = sessions.get(offer.session) === offer.life;
        for (const name of isAlive ? lasting(personOf(offer.session)) : []) stopped.add(name);
      }
      return offer.outcome;
    },
  };
}

/** What a visitor does with an offer. */
export type Said = 'show' | 'no' | 'words' | 'stop';

const OUTCOMES = {
  show: 'accepted',
  no: 'dismissed',
  words: 'replied',
  stop: 'dismissed',
} as const;
