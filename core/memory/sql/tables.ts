import type { Generated, Kysely, Transaction } from 'kysely';
import type { Arm, Outcome, Reason } from '../../manners/types';
import type { MemoryParts } from '../types';

// Times are milliseconds since the epoch; a `seq` numbers a session's actions from 1 without gaps.

interface SessionTable {
  id: Generated<number>;
  memory: string;
  product_id: string;
  session_id: string;
  user_id: string | null;
  /** In lower case, for comparison. */
  email: string | null;
  /** The conversation that the stream itself named. */
  stream_conversation_id: string | null;
  /** Since when the stream has named it; null once the session has a link. */
  stream_named_at: number | null;
  /** The first action of the person who acts now, if they took the session over from another person; else 0. */
  person_from_seq: Generated<number>;
  last_seq: number;
  summarized_seq: number;
  summary_lease: string | null;
  summary_lease_until: number | null;
  /** How long the lease was when it was taken or renewed. */
  summary_lease_ms: number | null;
  summary_failures: number;
  summary_retry_at: number | null;
  last_seen_at: number;
  /** When the session may be erased, unless something happens in it before. */
  expires_at: number;
  /** The page of the PostHog project that recorded it; null if that is not known. */
  project_url: string | null;
}

interface ActionTable {
  session: number;
  seq: number;
  action_id: string;
  /** The action's own time where it is believable, else when it arrived. */
  at: number;
  /** The action as JSON, without `index`, `action_id` and whose it was. */
  body: string;
}

/** Every name that a session's visitor has gone by, so that the session can be forgotten by any of them. */
interface IdentityTable {
  session: number;
  kind: 'user_id' | 'email';
  /** An email address is in lower case, for comparison. */
  value: string;
}

interface LinkTable {
  id: Generated<number>;
  /** The session's memory. It is in an index, so that finding due links reads no other memories. */
  memory: string;
  session: number;
  chat: string;
  conversation_id: string;
  linked_at: number;
  /** Set when the conversation was found gone. */
  ended_at: number | null;
  /** Null until the first note was delivered, or found to have nothing in it. */
  delivered_seq: number | null;
  /** The session's last action at the latest recall with `onlyNew`. */
  recalled_seq: number;
  /** The first action that such a recall returned, 0 if it returned a summary; null before it has returned anything. */
  told_from_seq: number | null;
  /** The right to post notes into the conversation. */
  lease: string | null;
  lease_until: number | null;
  lease_ms: number | null;
  /** The right to redact notes in it; notes may be posted at the same time. */
  redact_lease: string | null;
  redact_lease_until: number | null;
  redact_lease_ms: number | null;
  /** Failed posts in a row. Redactions count their own. */
  failures: number;
  redact_failures: Generated<number>;
  redact_retry_at: number | null;
  /** When to check whether work was left behind; null when there can be none. */
  due_at: number | null;
  /** How often the link was returned as unfinished since its last activity, without any work being done. */
  looks: Generated<number>;
  /** When the visitor or a teammate wrote last; null before a webhook reported it. */
  spoke_at: number | null;
  /** Since when the conversation has been closed or snoozed, as far as that is reported. */
  closed_at: number | null;
  /** When the latest note was posted, and how many were. */
  noted_at: number | null;
  notes: Generated<number>;
  /** Until when the pace of the conversation holds notes back, see {@link NEVER}; null when it does not. */
  paused_until: number | null;
  /** How many of the latest actions a note has to be without before it is redacted. */
  keep_latest: Generated<number>;
}

interface WaitingLinkTable {
  id: Generated<number>;
  memory: string;
  chat: string;
  conversation_id: string;
  product_id: string | null;
  session_id: string | null;
  user_id: string | null;
  email: string | null;
  created_at: number;
  expires_at: number;
}

interface SummaryTable {
  id: Generated<number>;
  session: number;
  upto_seq: number;
  text: string;
  /** Where it came from. Distinguishes a repeated summary of the stream from a new one. */
  source: string;
  created_at: number;
}

interface NoteTable {
  id: Generated<number>;
  link: number;
  kind: 'activity' | 'summary';
  /** The summary in it, for summary notes. */
  summary: number | null;
  state: 'posting' | 'standing' | 'redacted';
  /** The chat product's id of it, once known. */
  note_id: string | null;
  /** Kept only while posting: afterwards the chat product has it. */
  text: string;
  from_seq: number;
  to_seq: number;
  actions: number;
  created_at: number;
}

/** What a webhook took in and its trigger has not worked on yet. */
interface IncomingTable {
  /** The trigger that it is for. */
  inbox: string;
  key: string;
  arrived_at: number;
  body: string;
}

/** A moment of a person, whose window outlives sessions. Those of sessions are in {@link WatchTable}. */
interface MomentTable {
  moment_id: string;
  memory: string;
  product_id: string;
  /** See `personKeys`. */
  person: string;
  /** The step that found it. */
  detector: string;
  /** See `firedKey`. */
  fired: string;
  at: number;
}

/** What a detector has kept about a session. */
interface WatchTable {
  session: number;
  detector: string;
  memory: string;
  /** When to look at the session although nobody acts; null for never. */
  due_at: number | null;
  /** The windows of the session that have fired, as a JSON list of `firedKey`s. */
  fired: string;
}

/** What is known of a person beyond sessions, for rules about persons. */
interface HistoryTable {
  memory: string;
  product_id: string;
  /** See `personKeys`. */
  person: string;
  /** A `History` as JSON. */
  body: string;
  kept_since: number;
  seen_at: number;
}

/** An offer that was decided upon; see `offers.ts` for its states. */
interface OfferTable {
  id: Generated<number>;
  offer_id: string;
  memory: string;
  product_id: string;
  /** The row id of the session, also after that was erased. */
  session: number;
  /** The session's `person_from_seq` when the offer was decided: another one is another person's. */
  person_seq: number;
  /** Null from a day after the outcome on, as are `choices`, `conversation_id`, `message_ref` and `answer_id`. */
  session_id: string | null;
  /** The keyed hash of the surest name of the person, see `personKeys`. */
  person: string;
  moment_id: string;
  moment_at: number;
  rule: string;
  rule_version: string;
  page: string;
  chat: string;
  decided_at: number;
  /** The session's last action when it was decided. */
  decided_seq: number;
  state: 'sending' | 'sent' | 'failed' | 'held_back' | 'observed';
  /** Why it was held back. */
  reason: Reason | null;
  /** The group of the person; null where no effect is measured. */
  arm: Arm | null;
  /** When it was decided to send it; null for one that is held back or observed. */
  made_at: number | null;
  /** Kept only while it is being sent: afterwards the chat product has it. */
  text: string;
  /** As JSON. */
  choices: string | null;
  conversation_id: string | null;
  message_ref: string | null;
  lease: string | null;
  lease_until: number | null;
  lease_ms: number | null;
  failures: number;
  /** 1 if an attempt ended without an answer. */
  may_have_landed: number;
  sent_at: number | null;
  seen_at: number | null;
  withdrawn_at: number | null;
  /** Null before it was sent. */
  outcome: Outcome | null;
  outcome_at: number | null;
  /** The choice that was pressed, by its value. */
  choice: string | null;
  /** The chat product's id of the answer. */
  answer_id: string | null;
  /** The limits of the manners that it was made with, in milliseconds. */
  ignored_after_ms: number;
  dismissed_ms: number;
  twice_ms: number;
  /** As JSON; null without a goal, and once it is known whether it was reached. */
  goal: string | null;
  goal_until: number | null;
  has_goal: number;
  converted_at: number | null;
  /** When to look at it again: to settle it, to shorten it, or to erase it. */
  settle_at: number;
}

/** A name of the person that an offer was decided for, as a keyed hash. */
interface OfferPersonTable {
  offer: number;
  key: string;
  /** 1 unless the offer was held back from the beginning. */
  made: number;
}

/** Until when a person wants no offers. */
interface ObjectionTable {
  key: string;
  memory: string;
  product_id: string;
  until: number;
}

/** Secrets that the database made for itself. */
interface SecretTable {
  name: string;
  value: string;
}

interface SeenTable {
  scope: string;
  key: string;
  seen_at: number;
}

/** A time that does not come by itself: it waits for a message of the visitor or a teammate. */
export const NEVER = Number.MAX_SAFE_INTEGER;

/** How long after something happened to a session to check whether its work was done, in milliseconds. */
export const LOOK_AGAIN_MS = 60_000;

export interface Tables {
  autoplay_session: SessionTable;
  autoplay_action: ActionTable;
  autoplay_identity: IdentityTable;
  autoplay_link: LinkTable;
  autoplay_waiting_link: WaitingLinkTable;
  autoplay_summary: SummaryTable;
  autoplay_note: NoteTable;
  autoplay_seen: SeenTable;
  autoplay_incoming: IncomingTable;
  autoplay_moment: MomentTable;
  autoplay_watch: WatchTable;
  autoplay_history: HistoryTable;
  autoplay_offer: OfferTable;
  autoplay_offer_person: OfferPersonTable;
  autoplay_objection: ObjectionTable;
  autoplay_secret: SecretTable;
}

export type Database = Kysely<Tables>;
export type Tx = Transaction<Tables>;

/** An open database, and what every part of the SQL memory works with. */
export interface SqlContext extends MemoryParts {
  db: Database;
}
