// Words: an *offer* is a message with choices, made because of a moment; *manners* decide whether it may be made; its
// *outcome* is what became of it.

/** When an offer may be made. Durations in milliseconds. 0 switches a limit off. */
export interface Manners {
  /** How long a visit has to last before. */
  earliestMs: number;
  /** Offers per session, per person and week, and of one rule per person. */
  perSession: number;
  perWeek: number;
  perRule: number;
  /** Pauses for a person after an offer was shown, was ignored, and was accepted. */
  afterShownMs: number;
  afterIgnoredMs: number;
  afterAcceptedMs: number;
  /** After a dismissal: the rule's pause for the person. The rest of the session is silent in any case. */
  afterDismissedMs: number;
  /** After two dismissals in a row. */
  afterTwoDismissalsMs: number;
  /** How long a conversation silences offers after its last message. An open one always does. */
  afterConversationMs: number;
  /** How long ago the visitor has to have typed. */
  afterTypingMs: number;
  /** Page patterns where no offer is made. */
  neverOn: readonly string[];
  /** The share of persons who never get offers, 0 to 1, so that the effect can be measured. */
  holdout: number;
  /** Changes who is in the holdout group. */
  holdoutSalt: string;
  /** Offers per minute and product. */
  perMinute: number;
  /** A rule stops by itself once it was shown this often and this share of them was dismissed, 0 to 1. */
  stopAfterShown: number;
  stopAtDismissed: number;
  /** `HH:MM` to `HH:MM` in the visitor's time zone; '' for none. */
  quietFrom: string;
  quietTo: string;
  /** IANA name of the zone where the visitor's own is not known. */
  timeZone: string;
  /** How long after an offer without an answer it counts as ignored. */
  ignoredAfterMs: number;
  /** A moment that is older than this is past. */
  staleAfterMs: number;
}

/** Why no offer was made. Each is counted. */
export type Reason =
  // The visitor or the team does not want any.
  | 'observe_only'
  | 'opted_out'
  | 'stopped_for_ever'
  | 'holdout'
  // Not here, not now.
  | 'page'
  | 'typing'
  | 'too_early'
  | 'moved_on'
  | 'stale'
  | 'quiet_hours'
  | 'not_here'
  // Somebody else speaks.
  | 'offer_open'
  | 'conversation_open'
  | 'conversation_recent'
  | 'operator'
  | 'blocked'
  | 'nobody_there'
  // Enough.
  | 'per_session'
  | 'per_week'
  | 'per_rule'
  | 'dismissed_in_session'
  | 'dismissed_rule'
  | 'dismissed_twice'
  | 'after_shown'
  | 'after_ignored'
  | 'after_accepted'
  | 'brake'
  | 'rule_stopped'
  // There is no way to them.
  | 'unreachable';

/** What became of an offer that was made: `open` until it has an outcome, `unknown` if no reply can be matched to it. */
export type Outcome =
  'open' | 'accepted' | 'dismissed' | 'replied' | 'ignored' | 'left' | 'withdrawn' | 'unknown';

/** Whether a person may get offers, or is in the holdout group. */
export type Arm = 'treated' | 'holdout';

/** What a choice leads to. Every offer has one that is `no`. */
export type ChoiceKind = 'help' | 'link' | 'tour' | 'person' | 'no';

/** One of an offer's choices. */
export interface Choice {
  /** Identifies it within the offer. */
  value: string;
  /** What the visitor reads. */
  label: string;
  kind: ChoiceKind;
  /** Where a link or tour leads. */
  url?: string;
}

/** What was counted for one rule, version, page and chat product. */
export interface OfferCounts {
  product_id: string;
  rule: string;
  rule_version: string;
  page: string;
  chat: string;
  /** How often an offer was decided upon, for persons who may get offers and for those of the holdout group. */
  decisions: Record<Arm, number>;
  /** The persons among them, and those of them who reached the goal; of decisions with a goal alone. */
  persons: Record<Arm, number>;
  converted: Record<Arm, number>;
  /** Whether a goal was given, without which nothing can convert. */
  has_goal: boolean;
  sent: number;
  observed: number;
  failed: number;
  seen: number;
  outcomes: Record<Outcome, number>;
  held_back: Partial<Record<Reason, number>>;
}
