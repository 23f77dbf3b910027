import type { Choice, Manners, Reason } from '../manners/types';
import type { MadeOffer, OfferedMoment, SentOffer } from '../memory/offers';
import type { SessionInfo } from '../memory/types';

/** An offer to send, with what identifies its message among the others of its conversation. */
export interface Offer {
  offer_id: string;
  /** Plain text. The channel escapes it, and the labels of the choices, for its chat product. */
  text: string;
  choices: readonly Choice[];
  moment: OfferedMoment;
  /** When the first attempt to send it began, in milliseconds since the epoch. */
  since: number;
}

/** Whom an offer is for. */
export interface Addressee {
  session: SessionInfo;
  /** The conversation in which the visitor may be reached, as a rule the one that the session is linked to. */
  conversation_id: string | null;
}

/** A way to the visitor, as it was a moment ago. */
export interface Way {
  /** The conversation into which the message goes; null if sending it opens one, or if there is none. */
  conversation_id: string | null;
  /**
   * Sends the offer once, without looking for it first; where the chat product takes it in parts, the first one, see
   * {@link OfferChannel.complete}.
   *
   * @param beforeSending runs right before each request that visitors may notice; if it throws, nothing is sent
   * @throws HeldBackError; any error of the chat product: after an OutcomeUnknownError the message may have been sent,
   *   after any other error it was not. Also what `beforeSending` throws
   */
  send(offer: Offer, beforeSending: () => Promise<void>): Promise<SentOffer>;
}

/**
 * What looking for a message proves: where it is, or that it is `absent`. `unknown`: it was not found, and may be there
 * all the same.
 */
export type Found = SentOffer | 'absent' | 'unknown';

/** A chat product that offers can be made in. */
export interface OfferChannel {
  /** The chat product's key in the memory; it names the workspace. */
  readonly chat: string;
  /**
   * Looks for a message that an earlier attempt may have sent.
   * @param into the conversation into which it was sent; null if sending it was to open one
   */
  find(offer: Offer, to: Addressee, into: string | null): Promise<Found>;
  /** Looks for a way to the visitor, and whether the chat product speaks against an offer. */
  look(to: Addressee, manners: Pick<Manners, 'afterConversationMs'>): Promise<Way | Reason>;
  /**
   * Sends what belongs to a message that is there already. Missing in a channel whose message is complete.
   *
   * @param mayHaveLanded an earlier attempt may have sent it, so it is looked for first
   * @returns where the offer is, with what is known now
   * @throws as {@link Way.send}
   */
  complete?(
    offer: Offer,
    to: Addressee,
    sent: SentOffer,
    mayHaveLanded: boolean,
    beforeSending: () => Promise<void>,
  ): Promise<SentOffer>;
  /** Whether the session may be linked to the conversation, so that answers in it may be about what the visitor did. */
  mayLink(conversationId: string, to: Addressee): Promise<boolean>;
  /**
   * Takes an offer back, unless it was answered.
   * @returns whether it is gone, now or earlier
   */
  withdraw(offer: MadeOffer): Promise<boolean>;
}

/** Something speaks against an offer that showed only on the way. Nothing was sent. */
export class HeldBackError extends Error {
  constructor(readonly reason: Reason) {
    super(`The offer was held back: ${reason}`);
    this.name = 'HeldBackError';
  }
}

/** It is not known yet which conversation a message has opened. The message is there. */
export class NoConversationYetError extends Error {
  constructor(service: string) {
    super(`${service} does not show the conversation of the message yet`);
    this.name = 'NoConversationYetError';
  }
}

/** What people and sites write for a yes-or-no attribute that says no. */
const NO = ['false', 'no', 'off', '0'];

/** Whether an attribute with which a site says what a visitor wants, `offers`, says that they want none. */
export function objectsToOffers(attribute: unknown): boolean {
  return NO.includes(
    String(attribute ?? '')
      .trim()
      .toLowerCase(),
  );
}
