import { pagesNamed } from '../payload/pages';
import { inHoldout } from './holdout';
import { isBetween } from './quietHours';
import type { Arm, Manners, Outcome, Reason } from './types';

/** The end of a silence that does not end. */
export const FOR_EVER = Number.MAX_SAFE_INTEGER;

/** An offer that was made to the same person before. Times are in milliseconds since the epoch. */
export interface PastOffer {
  rule: string;
  /** Whether it was made in the session that is asked about. */
  inSession: boolean;
  decidedAt: number;
  /** Null as long as it is being sent. */
  sentAt: number | null;
  outcome: Outcome | 'sending';
  /** Null as long as there is no outcome. */
  outcomeAt: number | null;
}

/** What a decision about an offer goes by. Times are in milliseconds since the epoch. */
export interface Facts {
  productId: string;
  /** Tells the person from the product's others, by user where known. */
  personKey: string;
  /** The group in which the person was when they were known by another name, such as before they signed in; null if there is none. */
  earlierArm: Arm | null;
  /** The visitor asked the site for no offers. */
  optedOut: boolean;
  /** Nothing is sent; the question is only whether it could be. */
  observeOnly: boolean;
  /** The visitor's own zone, by its IANA name. */
  timeZone?: string | undefined;
  moment: { rule: string; at: number; page: string };
  visit: {
    startedAt: number;
    /** The key of the page where the visitor is now; '' if that is not known. */
    page: string;
    /** Addresses of that page. */
    addresses: readonly string[];
    /** When the visitor typed last; null if never. */
    typedAt: number | null;
  };
  /** The offers that were made to the person, in any order, without the one that is asked about. */
  offers: readonly PastOffer[];
  /** Until when the person wants no offers at all, by what was kept when their data was erased; see {@link FOR_EVER}. */
  silentUntil: number | null;
  /** Of all conversations of the person. */
  conversation: {
    /** One was begun and not closed since. */
    isOpen: boolean;
    /** When the visitor or a teammate wrote last in any of them. */
    spokeAt: number | null;
  };
  /** How many offers were made in the product during the last minute. */
  lastMinute: number;
  /** How often the rule's offers were shown lately, and how many of these were dismissed. */
  shown: { times: number; dismissed: number };
}

interface Given extends Facts {
  manners: Manners;
  now: number;
}

type Check = readonly [Reason, (given: Given) => boolean];

const WEEK_MS = 7 * 24 * 3_600_000;

/** A time further ahead than this is one of a clock that was wrong, and counts as past. */
const LONGEST_SET_BACK_MS = 24 * 3_600_000;

/** In the order in which they are asked: the first that applies is the reason. */
const CHECKS: readonly Check[] = [
  ['opted_out', ({ optedOut }) => optedOut],
  ['stopped_for_ever', ({ silentUntil }) => silentUntil === FOR_EVER],
  ['holdout', isHeldOut],
  ['page', isNeverOn],
  ['typing', ({ visit, manners, now }) => isWithin(visit.typedAt, manners.afterTypingMs, now)],
  ['too_early', ({ visit, manners, now }) => isWithin(visit.startedAt, manners.earliestMs, now)],
  ['moved_on', hasMovedOn],
  ['stale', isStale],
  ['offer_open', ({ offers }) => offers.some(isOpen)],
  ['conversation_open', ({ conversation }) => conversation.isOpen],
  [
    'conversation_recent',
    ({ conversation, manners, now }) =>
      isWithin(conversation.spokeAt, manners.afterConversationMs, now),
  ],
  ['per_session', ({ offers, manners }) => isUp(manners.perSession, offers.filter(inSession))],
  [
    'per_week',
    ({ offers, manners, now }) =>
      isUp(
        manners.perWeek,
        offers.filter(({ decidedAt }) => isWithin(decidedAt, WEEK_MS, now)),
      ),
  ],
  [
    'per_rule',
    ({ offers, manners, moment }) =>
      isUp(
        manners.perRule,
        offers.filter(({ rule }) => rule === moment.rule),
      ),
  ],
  [
    'dismissed_in_session',
    ({ offers }) => offers.some((offer) => inSession(offer) && offer.outcome === 'dismissed'),
  ],
  ['dismissed_rule', isDismissed],
  ['dismissed_twice', isDismissedTwice],
  [
    'after_shown',
    ({ offers, manners, now }) =>
      offers.some(({ sentAt }) => isWithin(sentAt, manners.afterShownMs, now)),
  ],
  ['after_ignored', (given) => hasOutcome(given, ['ignored'], given.manners.afterIgnoredMs)],
  // Who answered in words was reached as well.
  [
    'after_accepted',
    (given) => hasOutcome(given, ['accepted', 'replied'], given.manners.afterAcceptedMs),
  ],
  ['brake', ({ lastMinute, manners }) => manners.perMinute > 0 && lastMinute >= manners.perMinute],
  ['rule_stopped', isStopped],
  ['quiet_hours', isQuiet],
  ['observe_only', ({ observeOnly }) => observeOnly],
];

/** Those that are decided once for each offer. */
const ONCE: ReadonlySet<Reason> = new Set(['opted_out', 'holdout', 'observe_only']);

const AGAIN = CHECKS.filter(([reason]) => !ONCE.has(reason));

/**
 * Why an offer may not be made, or null if it may. Of several reasons the first in the order of the checks.
 * `observe_only`: it might be made, if anything were sent.
 *
 * @param now in milliseconds since the epoch
 */
export function decide(facts: Facts, manners: Manners, now: number): Reason | null {
  return firstOf(CHECKS, { ...facts, manners, now });
}

/** The same right before the offer is sent, for what may have changed since {@link decide} allowed it. */
export function confirm(facts: Facts, manners: Manners, now: number): Reason | null {
  return firstOf(AGAIN, { ...facts, manners, now });
}

function firstOf(checks: readonly Check[], given: Given): Reason | null {
  return checks.find(([, applies]) => applies(given))?.[0] ?? null;
}

/** Whether a time is less than `ms` ago. */
function isWithin(at: number | null, ms: number, now: number): boolean {
  return at !== null && now - at < ms && at - now <= LONGEST_SET_BACK_MS && ms > 0;
}

/** Whether a limit is reached; 0 is none. */
function isUp(most: number, offers: readonly PastOffer[]): boolean {
  return most > 0 && offers.length >= most;
}

function inSession(offer: PastOffer): boolean {
  return offer.inSession;
}

function isOpen({ outcome }: PastOffer): boolean {
  return outcome === 'open' || outcome === 'sending';
}

/** Whether the person is in the group that never gets offers. Who signs in stays in their group, or it would be no comparison. */
export function isHeldOut({
  personKey,
  earlierArm,
  productId,
  manners: { holdoutSalt, holdout },
}: Pick<Given, 'personKey' | 'earlierArm' | 'productId' | 'manners'>): boolean {
  if (earlierArm && holdout > 0) return earlierArm === 'holdout';
  return inHoldout(personKey, productId, holdoutSalt, holdout);
}

function isNeverOn({ visit: { page, addresses }, manners: { neverOn } }: Given): boolean {
  const isNamed = pagesNamed(neverOn);
  return [page, ...addresses].some(isNamed);
}

function hasMovedOn({ visit, moment }: Given): boolean {
  return visit.page !== '' && moment.page !== '' && visit.page !== moment.page;
}

function isStale({ moment, manners: { staleAfterMs }, now }: Given): boolean {
  return staleAfterMs > 0 && now - moment.at >= staleAfterMs;
}

function hasOutcome({ offers, now }: Given, outcomes: readonly string[], ms: number): boolean {
  return offers.some(
    ({ outcome, outcomeAt }) => outcomes.includes(outcome) && isWithin(outcomeAt, ms, now),
  );
}

function isDismissed({ offers, moment, manners, silentUntil, now }: Given): boolean {
  if (silentUntil !== null && silentUntil > now) return true;
  return offers.some(
    ({ rule, outcome, outcomeAt }) =>
      rule === moment.rule &&
      outcome === 'dismissed' &&
      isWithin(outcomeAt, manners.afterDismissedMs, now),
  );
}

function isDismissedTwice({ offers, manners, now }: Given): boolean {
  const at = dismissedTwiceAt(offers);
  return at !== null && isWithin(at, manners.afterTwoDismissalsMs, now);
}

/** Outcomes that are an answer of the visitor. */
const ANSWERS: readonly string[] = ['accepted', 'dismissed', 'replied'];

/** When a person last dismissed an offer, if their answer before that was a dismissal as well; else null. */
export function dismissedTwiceAt(
  offers: ReadonlyArray<Pick<PastOffer, 'outcome' | 'outcomeAt'>>,
): number | null {
  const answers = offers
    .filter(({ outcome }) => ANSWERS.includes(outcome))
    .toSorted((a, b) => (b.outcomeAt ?? 0) - (a.outcomeAt ?? 0));
  const [last, before] = answers;
  const isTwice = last?.outcome === 'dismissed' && before?.outcome === 'dismissed';
  return isTwice ? last.outcomeAt : null;
}

function isStopped({ shown, manners }: Given): boolean {
  const { stopAfterShown, stopAtDismissed } = manners;
  if (stopAfterShown === 0 || stopAtDismissed === 0 || shown.times < stopAfterShown) return false;
  return shown.dismissed / shown.times > stopAtDismissed;
}

function isQuiet({ manners: { quietFrom, quietTo, timeZone }, timeZone: own, now }: Given) {
  return isBetween(now, quietFrom, quietTo, [own, timeZone]);
}
