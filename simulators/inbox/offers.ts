import type { ChatName } from './threads';

/** What offers of one rule have come to in one chat product. */
export interface OfferFigures {
  chat: ChatName;
  /** As the workflow calls it. */
  rule: string;
  /** How often an offer was decided upon, with a yes or a no. */
  decided: number;
  sent: number;
  /** How many of them the chat product reports as read, or were answered. */
  seen: number;
  /** What became of those that were sent. */
  outcomes: Record<
    'accepted' | 'dismissed' | 'replied' | 'ignored' | 'left' | 'withdrawn' | 'unknown' | 'open',
    number
  >;
  /** How many persons reached the goal, of those who may get offers; null where there is no goal. */
  converted: number | null;
  /** How many of the decisions were about persons who never get offers. */
  holdout: number;
  /** Why none was sent, in words, the most frequent reason first. */
  noes: { reason: string; count: number }[];
}

/** Reads them from where they are kept. */
export type OfferReport = () => Promise<OfferFigures[]>;
