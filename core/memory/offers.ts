import type { Choice, Manners, OfferCounts, Outcome, Reason } from '../manners/types';
import type { SessionInfo, SessionRef } from './types';

export type { OfferCounts };

// What the memory keeps of offers. An offer is decided once for each moment, in one transaction that sees everything else
// that was offered to the person, so that two workers cannot both come to a yes. Then: claim, do outside, commit or
// release, as with notes. Persons are kept as keyed hashes, see `sql/persons.ts`.

/** The moment that an offer is made for. */
export interface OfferedMoment {
  moment_id: string;
  /** The rule's name as the user calls it, by which reports group. */
  name: string;
  rule_version: string;
  /** In milliseconds since the epoch. */
  at: number;
  page: string;
}

/** A question: may this offer be made? */
export interface OfferRequest {
  session: SessionRef;
  moment: OfferedMoment;
  /** The chat product's key. */
  chat: string;
  text: string;
  choices: readonly Choice[];
  manners: Manners;
  /** Nothing is sent; what would have been is counted. */
  observeOnly: boolean;
  /** What the visitor said to the site about offers, where the item says so. */
  optedOut: boolean;
  /** The IANA name of the visitor's own time zone, where the item says so. */
  timeZone?: string | undefined;
  /**
   * What counts as success, within `withinMs` after the decision: a visit of a page by its pattern, or an action by a part of
   * its title; either of the two.
   */
  goal?: { page?: string; title?: string; withinMs: number } | undefined;
  leaseMs: number;
}

/** The right to make one offer, until it lapses. */
export interface OfferHold {
  offer_id: string;
  session: SessionInfo;
  chat: string;
  lease: string;
  /** In milliseconds since the epoch. */
  until: number;
  /** The IANA name of the visitor's own time zone, where the item says so. */
  timeZone?: string | undefined;
  /** Failed attempts before this one. */
  failures: number;
  /** When the first attempt began, in milliseconds since the epoch. */
  since: number;
  /** The words of the first attempt, which every later one repeats. */
  text: string;
  choices: Choice[];
  /**
   * Where an earlier attempt was about to send it: '' for a conversation that sending it opens. Before that, the conversation that
   * the session is linked to.
   */
  conversation_id: string | null;
  /** An earlier attempt ended without an answer, or without a word after it had asked for the last time: look before sending again. */
  mayHaveLanded: boolean;
  /** The chat product's id of the message, if it is known that the message is there but not all that belongs to it. */
  message_ref: string | null;
}

export type OfferClaim =
  | { status: 'claimed'; hold: OfferHold }
  /** No offer, and why. `observed`: the manners would have allowed it. */
  | { status: 'held_back'; offer_id: string; reason: Reason }
  | { status: 'observed'; offer_id: string }
  /** Decided and sent before, for this moment. */
  | { status: 'sent'; offer_id: string; conversation_id: string; message_ref: string | null }
  /** It failed for good before. */
  | { status: 'failed'; offer_id: string }
  /** Another worker has the claim. */
  | { status: 'busy'; offer_id: string }
  /** The session is not known any more. */
  | { status: 'unknown_session' };

/** Where an offer was sent. */
export interface SentOffer {
  /** '' if the chat product opens a conversation later, if at all: then no reply is found to belong to it. */
  conversation_id: string;
  /** The chat product's id of the message; null if it is not certain. */
  message_ref: string | null;
}

/** What a chat product's trigger reports of a conversation: a choice, or words, or that a message was read. */
export interface OfferReply {
  chat: string;
  conversation_id: string;
  /** The message that it belongs to, where the chat product says so. */
  message_ref?: string | undefined;
  /** The chat product's id of the reply itself, by which a repetition is noticed. */
  reply_id?: string | undefined;
  /** The chosen option, by its value or its `choiceUuid`. */
  value?: string | undefined;
  /** What the visitor wrote. */
  text?: string | undefined;
  /** The message was read, and nothing more. */
  seen?: boolean | undefined;
}

/**
 * Which offer a reply settled. A press on a choice counts once, also after the offer was settled by words or by silence, for
 * a day. Words count as long as the offer is open; those that decline all offers to come also for a day after a dismissal or
 * silence. Before the offer is recorded as sent, words count if it is certainly there, and refusals also if it may be.
 */
export type OfferAnswer =
  /** No offer in the conversation is one that this reply settles. */
  | { status: 'no_offer' }
  | {
      /** `second_choice`: a choice was pressed before, which is the one that counts: another one, or the same. */
      status: Extract<Outcome, 'accepted' | 'dismissed' | 'replied'> | 'seen' | 'second_choice';
      /** Whether the same answer was recorded before. */
      repeated: boolean;
      offer: MadeOffer;
      choice: Choice | null;
    };

/** An offer that was sent. */
export interface MadeOffer extends SentOffer {
  offer_id: string;
  session_id: string;
  product_id: string;
  chat: string;
  rule: string;
  page: string;
  choices: Choice[];
  outcome: Outcome;
  /** In milliseconds since the epoch. */
  sent_at: number;
  seen_at: number | null;
}

export interface OfferReportQuery {
  product_id?: string | undefined;
  /** Decisions since then, in milliseconds since the epoch. */
  since: number;
}

/** The part of the session memory that offers use. */
export interface OfferMemory {
  /** Decides about an offer once for each moment and writes the decision down before anything is sent. */
  claimOffer(request: OfferRequest): Promise<OfferClaim>;
  /**
   * Asks once more, right before sending: the visitor may have moved on, typed, or begun a conversation meanwhile. Extends the
   * claim. A reason means that the offer is held back and the claim has ended.
   * @throws LeaseLostError
   */
  confirmOffer(hold: OfferHold, manners: Manners, leaseMs: number): Promise<Reason | null>;
  /** Extends the claim without asking. @throws LeaseLostError */
  extendOffer(hold: OfferHold, leaseMs: number): Promise<void>;
  /**
   * Records that a part of it is there, so that the next attempt sends only the rest; or, with a `message_ref` of null, only where it
   * is about to go, so that the next attempt and a quick reply find it. @throws LeaseLostError
   */
  advanceOffer(hold: OfferHold, sent: SentOffer): Promise<void>;
  /** Records that it is there, and ends the claim. */
  commitOffer(hold: OfferHold, sent: SentOffer): Promise<void>;
  /** Ends the claim with a no, such as one of the chat product. */
  holdBackOffer(hold: OfferHold, reason: Reason): Promise<void>;
  /** Ends the claim after a failure. Without `retryAfterMs`, the offer has failed for good. */
  releaseOffer(
    hold: OfferHold,
    failure: { mayHaveLanded: boolean; retryAfterMs?: number | undefined },
  ): Promise<void>;
  /** Settles the open offer that a reply belongs to, once. */
  recordReply(memory: string, reply: OfferReply): Promise<OfferAnswer>;
  /**
   * The latest offer that is still in a session's conversation without an answer; null if there is none. It may have
   * been settled as ignored meanwhile.
   */
  openOffer(session: SessionRef, chat: string): Promise<MadeOffer | null>;
  /** Records that an offer was taken back. */
  withdrawOffer(offer: MadeOffer): Promise<void>;
  /** Counts by rule and page, after settling what has become of open offers. */
  reportOffers(memory: string, query: OfferReportQuery): Promise<OfferCounts[]>;
}
