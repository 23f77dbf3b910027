import type { Making } from '../../core/offers/make';
import type { OfferWatcher } from './offerChats';

interface OfferModelOptions {
  /** The true time. */
  now: () => number;
  /** The time by our machine, whose clock may be set. */
  machine: () => number;
  /** Whether the chat product shows too late what was sent. */
  mayLoseSight: boolean;
}

/**
 * The promise about offers, stated without any of the code that keeps it: it compares what was called with what visitors see.
 *
 * - A visitor sees the text of an offer once, and its choices once, below it, whatever is called how often and fails how.
 * - An offer that was made is there, with its choices. One that was held back is not.
 * - No offer comes into an open conversation: one that visitor or team began so long before that it could be known.
 * - An offer fails for good only where nothing can show whether it is there, or nobody has tried for a while.
 */
export function createOfferModel({ now, machine, mayLoseSight }: OfferModelOptions) {
  const offers: OfferModel[] = [];
  /** Since when each visitor has an open conversation. */
  const talksSince = new Map<number, number>();
  const violations: string[] = [];

  const watcher: OfferWatcher = {
    text(visitor, conversationId, html) {
      const offer = offerIn(html);
      if (!offer) return void violations.push(`unknown text: ${html}`);
      offer.texts.push(conversationId);
      if (offer.visitor !== visitor) violations.push(`offer ${offer.n} went to ${visitor}`);
      const since = talksSince.get(visitor);
      if (since !== undefined && now() - since > LONGEST_WAY_MS) {
        violations.push(`offer ${offer.n} came into a conversation of ${now() - since} ms`);
      }
    },
    options(visitor, conversationId, labels) {
      const offer = offerIn(labels[0] ?? '');
      if (!offer) return void violations.push(`unknown choices: ${labels.join(', ')}`);
      offer.options.push(conversationId);
      if (offer.visitor !== visitor) violations.push(`choices ${offer.n} went to ${visitor}`);
      if (!offer.texts.includes(conversationId)) {
        violations.push(`choices ${offer.n} are not below their text`);
      }
    },
  };
  const times = () => ({ now: now(), machine: machine() });
  const look = (offer: OfferModel) => {
    const { triedAt } = offer;
    const ago = Math.max(now() - triedAt.now, machine() - triedAt.machine);
    offer.abandoned ||= ago > ABANDONED_MS;
  };
  const offerIn = (said: string) => {
    const n = Number(/Offer (\d+)\b/.exec(said)?.[1] ?? NaN);
    return offers.find((one) => one.n === n);
  };

  return {
    watcher,
    violations,
    offers,
    add(visitor: number): OfferModel {
      const offer: OfferModel = {
        ...{ n: offers.length + 1, visitor, texts: [], options: [] },
        ...{ triedAt: times(), abandoned: false, result: undefined },
      };
      offers.push(offer);
      return offer;
    },
    tries(offer: OfferModel) {
      look(offer);
      offer.triedAt = times();
    },
    /** To be called before the machine's clock is set. */
    lookAtAll: () => offers.forEach(look),
    ended(offer: OfferModel, making: Making) {
      if (making.status === 'busy') return;
      const [before, now_] = [offer.result?.status, making.status].map(endOf);
      if (before !== undefined && before !== now_) {
        violations.push(`offer ${offer.n} was ${before}, then ${now_}`);
      }
      offer.result ??= making;
    },
    speaks: (visitor: number) => void (talksSince.get(visitor) ?? talksSince.set(visitor, now())),
    closes: (visitor: number) => void talksSince.delete(visitor),
    /** Everything that is wrong once nothing is under way any more. */
    faults: (): string[] => [...violations, ...offers.flatMap(wrongIn)],
  };

  function wrongIn({ n, texts, options: choices, result, abandoned }: OfferModel): string[] {
    const wrong: string[] = [];
    if (texts.length > 1) wrong.push(`offer ${n} is there ${texts.length} times`);
    if (choices.length > 1) wrong.push(`choices ${n} are there ${choices.length} times`);
    switch (result?.status) {
      case 'made':
      case 'sent':
        if (texts.length === 0) wrong.push(`offer ${n} is ${result.status} and not there`);
        if (choices.length === 0 && !abandoned) wrong.push(`offer ${n} has no choices`);
        break;
      case 'held_back':
        if (texts.length > 0) wrong.push(`offer ${n} is there, and ${result.reason}`);
        break;
      case 'failed':
        if (!mayLoseSight && !abandoned) wrong.push(`offer ${n} failed`);
        break;
      default:
        wrong.push(`offer ${n} has no end: ${result?.status}`);
    }
    return wrong;
  }
}

/** A worker that made an offer may learn of it after another one. */
const endOf = (status: string | undefined) => (status === 'sent' ? 'made' : status);

/** What was looked up is at most 15 s old when a message leaves, and that may travel for 29 s. */
const LONGEST_WAY_MS = 45_000;
/** The memory gives up what nobody has tried for ten minutes after a lease of less than one. */
const ABANDONED_MS = 600_000;

export interface OfferModel {
  n: number;
  visitor: number;
  /** The conversations in which its text and its choices are, as often as they are there. */
  texts: string[];
  options: string[];
  /** When a worker last tried to make it, by both clocks. */
  triedAt: { now: number; machine: number };
  /** Whether nobody has tried it for a while. */
  abandoned: boolean;
  /** What came of it in the end. */
  result: Making | undefined;
}
