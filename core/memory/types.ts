import type { Action, SessionBatch } from '../payload/types';
import type { TimedAction } from '../text/note';
import { sessionName } from '../identity';

/** Which session: ids alone would mix products that share a memory. */
export interface SessionRef {
  /** The memory's name: one per workflow unless workflows share one on purpose. */
  memory: string;
  product_id: string;
  session_id: string;
}

/** What is known of who a session belongs to, besides its own ids. */
export interface SessionInfo extends SessionRef {
  user_id: string | null;
  email: string | null;
  /** The conversation that the stream itself named last; it does not say of which chat product. */
  stream_conversation_id: string | null;
  /** The conversation the session is linked to, per chat product; the one linked first of several workspaces. */
  links: Record<string, string>;
}

/** What came of remembering one batch. */
export interface Remembered extends SessionInfo {
  /** How many of the batch's actions were new; the rest had been remembered before. */
  added: number;
}

/**
 * Whom a conversation belongs to; the first of session, user and email that is known decides, the
 * newest session of several. A session that is named and not known yet is waited for: another one of the same
 * person does not take its place. Where none is known, or none given, a session in which the stream named
 * this conversation is taken. A request without any name means a session linked to it, at last.
 * Placeholders such as `undefined` name nobody.
 */
export interface LinkRequest {
  /** The chat product's key, e.g. `intercom`: see `chatKey`. So is every other `chat` of a memory. */
  chat: string;
  conversation_id: string;
  /** Needed only where one memory holds several products. */
  product_id?: string | undefined;
  session_id?: string | undefined;
  user_id?: string | undefined;
  email?: string | undefined;
}

/**
 * - `linked`: just now. `already_linked`: it was linked to this very conversation before.
 * - `linked_elsewhere`: the session keeps the conversation it was linked to first.
 * - `waiting`: no such session yet; it is linked when its first action arrives.
 * - `ambiguous`: the memory holds several products, the request names none of them, and only a user id or an address is
 *   known; or several products know the session.
 */
export type LinkStatus = 'linked' | 'already_linked' | 'linked_elsewhere' | 'waiting' | 'ambiguous';

export interface LinkOutcome {
  status: LinkStatus;
  /** The session the request meant; null while it waits or is ambiguous. */
  session: SessionInfo | null;
}

/**
 * What to recall, of one session.
 *
 * - With a conversation, only a session with a living link to it: the one that `session_id` names,
 *   or without that the one seen last. `user_id` and `email` are not looked at, for whoever writes
 *   can claim to be somebody else, and links are sticky. A conversation is nothing without `chat`.
 * - Without a conversation, the session named by `session_id`, else the newest of the user, else of
 *   the email. A user or an email is nobody where the memory holds several products and `product_id` names none.
 */
export interface RecallQuery {
  product_id?: string | undefined;
  session_id?: string | undefined;
  chat?: string | undefined;
  conversation_id?: string | undefined;
  user_id?: string | undefined;
  email?: string | undefined;
  /** How far back actions are listed, in milliseconds, by the time they happened. */
  windowMs: number;
  /** How many of the latest actions at most. */
  maxActions: number;
  /**
   * Lists only what was remembered since the last recall with `onlyNew` of the session's link in
   * `chat`, and tells no summary with anything in it that such a recall has told: nothing is told
   * twice. What an earlier one left out as too old or too much is not made up for by the list, only
   * by a summary that ends before whatever was told. Has no effect on a session without a link.
   */
  onlyNew?: boolean | undefined;
}

/**
 * What a session has been doing: a summary of what came before the listed actions, then those. All of
 * it belongs to this session, and no action is both in the summary and in the list.
 */
export interface Recollection {
  session: SessionInfo;
  /** When its last batch arrived, in milliseconds since the epoch. */
  last_seen_at: number;
  /**
   * The newest summary that ends before the first listed action (before now, if none is listed): the
   * one that reaches furthest, of several that reach equally far the last. If every summary reaches
   * into the list, the one that reaches in least; but none where the list begins with the session's
   * first action, for then it tells everything. Null if there is none.
   */
  summary: string | null;
  /**
   * The latest `maxActions` of those that happened within `windowMs`, oldest first in the order in
   * which they were remembered, without those that `summary` reaches.
   */
  actions: Action[];
}

/**
 * Whom to forget: everything that matches any of the ids given. A session matches by whatever user id
 * or email address it has ever gone by, not only the latest.
 */
export interface ForgetQuery {
  session_id?: string | undefined;
  user_id?: string | undefined;
  email?: string | undefined;
  /** Only in this memory; without it in all of them. */
  memory?: string | undefined;
  /** Only of this product, whose user ids may be other people's in another. */
  product_id?: string | undefined;
}

/** What was erased, and what still stands in the chat product because it is not ours to erase here. */
export interface Forgotten {
  sessions: number;
  actions: number;
  summaries: number;
  links: number;
  /** Conversations that were still waiting for a session of theirs. */
  waiting_links: number;
  notes: Array<{ chat: string; conversation_id: string; note_id: string }>;
  /**
   * Conversations in which a note may stand whose id is not known: it was just being posted, an attempt
   * ended without an answer, or the chat product never told. A person has to look there.
   */
  notes_without_id: Array<{ chat: string; conversation_id: string }>;
}

/**
 * The right to post notes for a session's link, or to redact some, for a while; nobody else has the
 * same right meanwhile. The two do not exclude each other: what is redacted was covered before.
 */
export interface Claim {
  right: 'post' | 'redact';
  session: SessionInfo;
  chat: string;
  conversationId: string;
  linkId: number;
  /** Proof that the claim is still ours. */
  lease: string;
  /** When it lapses unless it is extended, in milliseconds since the epoch. */
  until: number;
  /** Failed attempts in a row before this one. */
  failures: number;
}

/** A note that is to be posted, kept until its outcome is known. */
export interface PendingNote {
  id: number;
  /** Plain text; every attempt posts exactly this, so that a lost answer can be looked up. */
  text: string;
  /** Actions in the note; 0 for a summary note. */
  actions: number;
  /** Whether actions were left out for their number or length. Not known of a note that was left behind. */
  isCut: boolean;
  /** True when an earlier attempt ended without an answer: look it up before posting again. */
  mayHaveLanded: boolean;
  /** When it was first tried, in milliseconds since the epoch. */
  since: number;
  /** Ids of notes that stand in the conversation and are known to be others. */
  otherNoteIds: string[];
}

/** A claimed activity note that somebody posts who says later what became of it. */
export interface HeldNote {
  claim: Claim;
  note: PendingNote;
  /** Whether it tells everything that is remembered of the session. */
  isAll: boolean;
}

export type NoteClaim =
  | { status: 'not_linked' }
  /** Somebody else is posting a note of it, with activity or with a summary. */
  | { status: 'busy'; conversationId: string; by: 'delivery' | 'replacement' }
  | { status: 'nothing'; conversationId: string }
  | { status: 'claimed'; claim: Claim; note: PendingNote };

/** What a memory is told when it is opened: how notes read, and whose conversations are whose. */
export interface NoteRules {
  /** `first` is true for the note that is written when a session is linked. */
  composeActivity(session: SessionRef, actions: readonly TimedAction[], first: boolean): string;
  /** @param now in milliseconds since the epoch */
  composeSummary(session: SessionRef, summary: string, now: number): string;
  /** Whether a conversation that the stream named is one of this chat product. */
  ownsConversation(chat: string, conversationId: string): boolean;
}

/** What replacing a session's notes with its summary still has to do. */
export type ReplacementLeft =
  | { status: 'not_linked' }
  | {
      status: 'linked';
      conversationId: string;
      /** There is a summary that the conversation has not been told. */
      summary: boolean;
      /** There are notes that the summary told last makes superfluous. */
      redactions: boolean;
    };

/** `nothing`: the conversation has the latest summary, or there is none. */
export type SummaryNoteClaim =
  | { status: 'not_linked' }
  | { status: 'busy'; conversationId: string }
  | { status: 'nothing'; conversationId: string }
  | { status: 'claimed'; claim: Claim; note: PendingNote };

/** `nothing`: no note stands that the posted summary covers, or redacting failed a moment ago. */
export type RedactionClaim =
  | { status: 'not_linked' }
  | { status: 'busy'; conversationId: string }
  | { status: 'nothing'; conversationId: string }
  | { status: 'claimed'; claim: Claim; notes: RedactableNote[] };

/** A note that the latest posted summary makes superfluous. */
export interface RedactableNote {
  id: number;
  noteId: string;
}

/** The right to summarize one session, for a while. */
export interface SummaryWork {
  session: SessionInfo;
  sessionRow: number;
  lease: string;
  /** Failed attempts in a row before this one. */
  failures: number;
  previousSummary: string | null;
  /** Not yet summarized, oldest first. */
  actions: Action[];
  uptoSeq: number;
}

export type SummaryClaim =
  /** `waiting` actions are not summarized yet, fewer than the threshold or of an unlinked session. */
  | { status: 'not_due'; waiting: number; summary: string | null }
  /** Another execution is at it, or the model failed a moment ago and gets a pause. */
  | { status: 'busy'; waiting: number; summary: string | null }
  | { status: 'claimed'; work: SummaryWork };

export interface SummaryCondition {
  threshold: number;
  linkedOnly: boolean;
  /** Actions per summary at most, so that a prompt stays bounded; the rest is for the next one. */
  maxActions: number;
  leaseMs: number;
  /** Also when the model failed a moment ago. */
  evenBackingOff: boolean;
}

/** What a workflow has steps for, of what a session may have left to do. */
export interface Work {
  /** The chat products into which it delivers. */
  chats: readonly string[];
  /** Whether it summarizes. */
  summaries: boolean;
}

/** How much recent activity goes out with a new link, and how long a claim lasts. */
export interface NoteCondition {
  windowMs: number;
  maxActions: number;
  /** Characters, any number if it is missing; a note with a single action may be longer. */
  maxChars?: number;
  /** The less the more often posting has failed, down to this; without it, failures change nothing. */
  minChars?: number;
  leaseMs: number;
}

export interface RedactionCondition {
  leaseMs: number;
  /** Also redactions that failed a moment ago. */
  evenBackingOff: boolean;
}

/** Thrown when a claim lapsed and somebody else may have taken over: stop working on it. */
export class LeaseLostError extends Error {
  constructor(readonly sessionId: string) {
    super(`The claim on ${sessionName(sessionId)} lapsed; whoever holds it now goes on with it.`);
    this.name = 'LeaseLostError';
  }
}

/** Thrown when the storage cannot be used as it is: says what is wrong, and what somebody should do. */
export class StorageError extends Error {
  constructor(
    message: string,
    readonly advice: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StorageError';
  }
}

/**
 * Where sessions live between executions. Work on a session is claimed with a lease, done outside,
 * then committed or released: a crash between the two loses nothing, the lease just lapses.
 * All methods are atomic and reject only when the storage itself fails.
 */
export interface SessionMemory {
  /**
   * Stores batches, each action once however often it is delivered. One result per batch.
   * Each session may be erased `retentionMs` after its last batch.
   */
  remember(
    memory: string,
    batches: readonly SessionBatch[],
    retentionMs: number,
  ): Promise<Remembered[]>;
  /**
   * Linked sessions with work that a failure or crash left behind, now due again. Each is given out
   * at growing intervals and only so often. `evenBackingOff` gives all that may have work left, also
   * those that pause after a failure, and those whose conversation the stream has named and for
   * which nobody has tried to deliver anything, the latest first.
   *
   * @param work gives out what somebody has a step for, and leaves the rest to others; without it, everything
   */
  unfinished(
    memory: string,
    limit: number,
    evenBackingOff: boolean,
    work?: Work,
  ): Promise<SessionInfo[]>;
  /** Whether there are sessions that {@link unfinished} would give out now for being due. */
  isWorkDue(memory: string, work?: Work): Promise<boolean>;
  /** `retentionMs` is how long a link without a session yet may wait. */
  link(memory: string, request: LinkRequest, retentionMs: number): Promise<LinkOutcome>;
  /** Null for a visitor nobody knows, and for a conversation without a session that it may tell. */
  recall(memory: string, query: RecallQuery): Promise<Recollection | null>;
  forget(query: ForgetQuery): Promise<Forgotten>;

  /** Claims what a linked session's conversation has not been told yet, as one note. */
  claimNote(session: SessionRef, chat: string, condition: NoteCondition): Promise<NoteClaim>;
  /**
   * A claimed activity note by its id and the lease of its claim, which somebody else may have taken over
   * since; null once its outcome is known, and when it was forgotten.
   */
  heldNote(memory: string, noteId: number, lease: string): Promise<HeldNote | null>;
  /** The conversation that the session is linked to in this chat product, if any. */
  conversationOf(session: SessionRef, chat: string): Promise<string | null>;
  /** What is left to claim by the two below; a cheap look. */
  replacementLeft(session: SessionRef, chat: string): Promise<ReplacementLeft>;
  /** Claims posting the latest summary as a note. */
  claimSummaryNote(
    session: SessionRef,
    chat: string,
    leaseMs: number,
    maxChars?: number,
  ): Promise<SummaryNoteClaim>;
  /** Claims redacting what the posted summary covers. */
  claimRedactions(
    session: SessionRef,
    chat: string,
    condition: RedactionCondition,
  ): Promise<RedactionClaim>;
  /** @throws LeaseLostError */
  extend(claim: Claim, leaseMs: number): Promise<void>;
  /**
   * The note stands under `noteId` (null when the chat product did not tell: it can never be
   * redacted then); ends the claim.
   */
  commitNote(claim: Claim, note: PendingNote, noteId: string | null): Promise<void>;
  markRedacted(note: RedactableNote): Promise<void>;
  /** Gives the claim back; `retryAfterMs` when work is left that should be tried again. */
  release(claim: Claim, retryAfterMs?: number): Promise<void>;
  /** The same after a post that failed; `mayHaveLanded` false forgets the attempt. */
  releaseNote(
    claim: Claim,
    note: PendingNote,
    mayHaveLanded: boolean,
    retryAfterMs: number,
  ): Promise<void>;
  /** The conversation is gone: the session may be linked anew. */
  endLink(claim: Claim): Promise<void>;

  claimSummary(session: SessionRef, condition: SummaryCondition): Promise<SummaryClaim>;
  /** False when somebody else took over or the session was forgotten: then it is not kept. */
  commitSummary(work: SummaryWork, summary: string): Promise<boolean>;
  releaseSummary(work: SummaryWork, retryAfterMs: number): Promise<void>;

  /** True the first time `key` is seen in `scope`: how webhook deliveries are told from repetitions. */
  firstSight(scope: string, key: string): Promise<boolean>;
  /** Erases what has outlived its retention, in every memory. Returns the number of sessions that went. */
  expire(): Promise<number>;
  close(): Promise<void>;
}
