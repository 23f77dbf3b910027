import type { Action, SessionBatch } from '../payload/types';
import type { Clock } from '../clock';
import type { TimedAction } from '../text/note';
import type { MomentMemory } from './moments';
import type { OfferMemory } from './offers';
import type { Pace, Pause } from './pace';
import type { NoteFormat, NoteSession } from '../text/noteFormat';

// The interface of the session memory: first what it is asked and what it answers, by role (sessions, links, recalling,
// forgetting, notes, summaries, unfinished work), then `SessionMemory` itself.
//
// Spelling. A field that has the name of an item's field or of the wire's (`session_id`, `conversation_id`) is written
// in snake_case as there, and keeps its name on the whole way. Everything else (settings, claims, row ids) is
// camelCase.
//
// Row ids (`rowId`, `sessionRowId`, `linkId`) are the memory's own. Callers hand them back and do nothing else with
// them. A `noteId` is never one of them: it is the chat product's id of a note.

// ---------------------------------------------------------------------------------------------------------- sessions

/** Names a session. Ids alone would mix up products that share a memory. */
export interface SessionRef {
  /** The memory's name: each workflow has its own, unless workflows share one on purpose. */
  memory: string;
  product_id: string;
  session_id: string;
}

/** A session, the visitor it belongs to and the conversations it is linked to. */
export interface SessionInfo extends SessionRef {
  user_id: string | null;
  email: string | null;
  /** The conversation that the stream itself named last; the stream does not say in which chat product. */
  stream_conversation_id: string | null;
  /**
   * The conversation the session is linked to, by chat product. Of several workspaces, the one that was linked first.
   */
  links: Record<string, string>;
}

/** The outcome of remembering one batch. */
export interface Remembered extends SessionInfo {
  /** How many of the batch's actions were new; the others had been remembered before. */
  added: number;
}

// ------------------------------------------------------------------------------------------------------------- links

/**
 * Which session a conversation belongs to. Of session, user and email the first that is known decides; of several
 * sessions the newest is taken.
 *
 * - If the request names a session that is not known yet, the conversation waits for it: another session of the same
 *   person does not take its place.
 * - If none of the three is known or given, the session is taken in which the stream named this conversation.
 * - If none is given at all, the last resort is a session that is linked to this conversation already.
 *
 * Placeholders such as `undefined` count as not given.
 */
export interface LinkRequest {
  /** The chat product's key, such as `intercom` (see `chatKey`). Every `chat` of a memory is such a key. */
  chat: string;
  conversation_id: string;
  /** Needed only where one memory holds several products. */
  product_id?: string | undefined;
  session_id?: string | undefined;
  user_id?: string | undefined;
  email?: string | undefined;
  /** Whether the visitor or a teammate has just written in it, as a rule yes. */
  hasMessage?: boolean | undefined;
}

/**
 * - `linked`: just now. `already_linked`: it was linked to this very conversation before.
 * - `linked_elsewhere`: the session keeps the conversation it was linked to first.
 * - `waiting`: there is no such session yet; it is linked when its first action arrives.
 * - `ambiguous`: several products know the session; or only a user id or an address is known, while the memory holds
 *   several products and the request names none.
 */
export type LinkStatus = 'linked' | 'already_linked' | 'linked_elsewhere' | 'waiting' | 'ambiguous';

export interface LinkOutcome {
  status: LinkStatus;
  /** The session the request meant; null while it waits or is ambiguous. */
  session: SessionInfo | null;
}

// --------------------------------------------------------------------------------------------------------- recalling

/**
 * Which session to recall, and how much of it.
 *
 * - With a conversation, only a session with a living link to it counts: the one that `session_id` names, or without that
 *   the one seen last. `user_id` and `email` are ignored, because a visitor can claim to be another person, and links
 *   are sticky. `conversation_id` finds nothing unless `chat` is given.
 * - Without a conversation, the session that `session_id` names, else the newest of the user, else of the email. A user
 *   or an email finds nothing where the memory holds several products and `product_id` names none.
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
  /** The latest actions are listed, at most this many. */
  maxActions: number;
  /**
   * Returns nothing twice: lists only actions that were remembered since the last recall with `onlyNew` of the
   * session's link in `chat`, and leaves out each summary that contains anything such a recall returned. What an
   * earlier recall left out as too old or too much is not listed later; only a summary that ends before everything that
   * was returned makes up for it. Has no effect on a session without a link.
   */
  onlyNew?: boolean | undefined;
}

/**
 * What a session has been doing: a summary of what came before the listed actions, then those actions. All of it
 * belongs to this session, and no action is both in the summary and in the list.
 */
export interface Recollection {
  session: SessionInfo;
  /** When its last batch arrived, in milliseconds since the epoch. */
  last_seen_at: number;
  /**
   * The newest summary that ends before the first listed action, or before now if none is listed. Of several summaries
   * the one that reaches furthest, and of those that reach equally far the last one.
   *
   * If every summary reaches into the list, the one that reaches in least; but null where the list begins with the
   * session's first action, because then the list is complete.
   */
  summary: string | null;
  /** The page of the PostHog project that recorded the session; null if that is not known. */
  project_url: string | null;
  /**
   * The latest `maxActions` of those that happened within `windowMs`, without those that `summary` covers. Oldest
   * first, in the order in which they were remembered.
   */
  actions: Action[];
}

// -------------------------------------------------------------------------------------------------------- forgetting

/**
 * Which sessions to erase: all that match any of the ids given. A session matches by every user id and email address it
 * has ever gone by, not only the latest.
 */
export interface ForgetQuery {
  session_id?: string | undefined;
  user_id?: string | undefined;
  email?: string | undefined;
  /** Only in this memory; without it, in all of them. */
  memory?: string | undefined;
  /** Only of this product: in another product, the same user id may be another person's. */
  product_id?: string | undefined;
  /**
   * Whether to remember that the person does not want offers, if they said so, as keyed hashes of their names and a time.
   * True by default: otherwise an offer would be the answer to their wish.
   */
  keepObjection?: boolean | undefined;
}

/** What was erased, and which notes are still in a chat product, where the memory cannot erase them. */
export interface Forgotten {
  sessions: number;
  actions: number;
  summaries: number;
  links: number;
  /** Conversations that were still waiting for one of the sessions. */
  waiting_links: number;
  /** Offers that were decided upon for the person. */
  offers: number;
  notes: Array<{ chat: string; conversation_id: string; note_id: string }>;
  /**
   * Conversations that may hold a note whose id is not known: it was just being posted, an attempt ended without an
   * answer, or the chat product never returned the id. A person has to look there.
   */
  notes_without_id: Array<{ chat: string; conversation_id: string }>;
}

// ------------------------------------------------------------------------------------------------------------- notes

/**
 * What a memory has to know of notes and conversations, because it composes a note in the transaction that claims it.
 */
export interface NoteRules {
  /** @param first whether it is the note that is written when a session is linked */
  composeActivity(
    session: NoteSession,
    actions: readonly TimedAction[],
    first: boolean,
    format?: NoteFormat,
  ): string;
  /** @param now in milliseconds since the epoch, as is `beganAt`: when what the summary tells began */
  composeSummary(
    session: NoteSession,
    summary: string,
    now: number,
    format?: NoteFormat,
    beganAt?: number,
  ): string;
  /** Whether a conversation that the stream named is one of this chat product. */
  ownsConversation(chat: string, conversationId: string): boolean;
}

/**
 * The right to post notes for a session's link, or to redact some, until it lapses. Only one worker has the same right
 * at a time. The two rights do not exclude each other, because notes that are redacted were covered before.
 */
export interface Claim {
  right: 'post' | 'redact';
  session: SessionInfo;
  chat: string;
  conversationId: string;
  linkId: number;
  /** Proves that the claim is still ours. */
  lease: string;
  /** When it lapses unless it is extended, in milliseconds since the epoch. */
  until: number;
  /** Failed attempts in a row before this one. */
  failures: number;
}

/** A note that is to be posted; the memory keeps it until its outcome is known. */
export interface PendingNote {
  rowId: number;
  /** Plain text. Every attempt posts exactly this, so that a note whose answer was lost can be found again. */
  text: string;
  /** Actions in the note; 0 for a summary note. */
  actions: number;
  /** Whether actions were left out for their number or length. False for a note that an earlier attempt left behind. */
  isCut: boolean;
  /** An earlier attempt ended without an answer: look for the note before posting it again. */
  mayHaveLanded: boolean;
  /** When it was first tried, in milliseconds since the epoch. */
  since: number;
  /** Ids of notes in the conversation that are known to be other ones. */
  otherNoteIds: string[];
}

/** How much recent activity goes into a note, and how long the claim on it lasts. */
export interface NoteCondition {
  /** Of a note that is composed now; one that an earlier attempt left keeps its text. */
  format?: NoteFormat | undefined;
  /** How far before the link the first note reaches back, in milliseconds. */
  windowMs: number;
  maxActions: number;
  /** In characters, without it any number. A note with a single action may be longer. */
  maxChars?: number;
  /** Each failure to post halves `maxChars`, down to this. Without it, failures change nothing. */
  minChars?: number;
  leaseMs: number;
  /** Follows the conversation; without it, activity is due as it happens. */
  follow?: FollowCondition | undefined;
}

/** How notes follow their conversation. A note of an earlier attempt is due at any pace. */
export interface FollowCondition {
  pace: Pace;
  /** A note leaves out what a posted summary tells, but not the latest actions: this many, at least one. */
  latest: number;
  /** Whether a summary that the conversation does not have yet is to be posted before a note that it tells a part of. */
  summaryFirst: boolean;
}

export type NoteClaim =
  | { status: 'not_linked' }
  /** Another worker is posting a note of the session, with activity or with a summary. */
  | { status: 'busy'; conversationId: string; by: 'delivery' | 'replacement' }
  | { status: 'nothing'; conversationId: string }
  /** The pace of the conversation holds the note back. */
  | { status: 'paused'; conversationId: string; pause: Pause }
  /** See {@link FollowCondition.summaryFirst}. */
  | { status: 'summary_first'; conversationId: string }
  | { status: 'claimed'; claim: Claim; note: PendingNote };

/** A claimed activity note that another node posts, which reports the outcome later. */
export interface HeldNote {
  claim: Claim;
  note: PendingNote;
  /** Whether it contains everything that is remembered of the session. */
  isAll: boolean;
}

/** What is known of a post that failed. */
export interface FailedPost {
  /** The note may be in the conversation all the same; else the attempt is forgotten and the note composed anew. */
  mayHaveLanded: boolean;
  /** When to try again, in milliseconds from now. */
  retryAfterMs: number;
}

/** What is left to do before a session's notes are replaced with its summary. */
export type ReplacementLeft =
  | { status: 'not_linked' }
  | {
      status: 'linked';
      conversationId: string;
      /** There is a summary that the conversation does not have yet. */
      summary: boolean;
      /** There are notes that the posted summary makes superfluous. */
      redactions: boolean;
    };

export interface SummaryNoteCondition {
  /** As in {@link NoteCondition}. */
  format?: NoteFormat | undefined;
  leaseMs: number;
  /** A longer summary is cut, in characters; without it, any number. */
  maxChars?: number;
}

/** `nothing`: the conversation has the latest summary, or there is no summary. */
export type SummaryNoteClaim =
  | { status: 'not_linked' }
  | { status: 'busy'; conversationId: string }
  | { status: 'nothing'; conversationId: string }
  | { status: 'claimed'; claim: Claim; note: PendingNote };

export interface RedactionCondition {
  leaseMs: number;
  /** Also redactions that pause because they failed a moment ago. */
  includePaused: boolean;
}

/** `nothing`: the posted summary covers no note that is still there, or redactions pause after a failure. */
export type RedactionClaim =
  | { status: 'not_linked' }
  | { status: 'busy'; conversationId: string }
  | { status: 'nothing'; conversationId: string }
  | { status: 'claimed'; claim: Claim; notes: RedactableNote[] };

/** A note that the latest posted summary makes superfluous. */
export interface RedactableNote {
  rowId: number;
  noteId: string;
}

// --------------------------------------------------------------------------------------------------------- summaries

export interface SummaryCondition {
  /** How many actions have to wait for a summary. */
  threshold: number;
  /** Only a session that is linked to a conversation. */
  linkedOnly: boolean;
  /** Actions per summary at most, so that a prompt stays bounded; the next summary takes the rest. */
  maxActions: number;
  leaseMs: number;
  /** Also a session that pauses because the model failed a moment ago. */
  includePaused: boolean;
  /** The latest actions, which are left out and do not count: what a Recall with these limits would list. */
  leave?: Pick<RecallQuery, 'windowMs' | 'maxActions'> | undefined;
}

export type SummaryClaim =
  /** `waiting` actions are in no summary yet: fewer than the threshold, or those of a session without a link. */
  | { status: 'not_due'; waiting: number; summary: string | null }
  /** Another worker has the claim, or the session pauses because the model failed a moment ago. */
  | { status: 'busy'; waiting: number; summary: string | null }
  | { status: 'claimed'; work: SummaryWork };

/** The right to summarize one session, until it lapses. */
export interface SummaryWork {
  session: SessionInfo;
  sessionRowId: number;
  /** Proves that the claim is still ours. */
  lease: string;
  /** Failed attempts in a row before this one. */
  failures: number;
  previousSummary: string | null;
  /** Those that no summary covers yet, oldest first. */
  actions: Action[];
  /** The place of the last of these actions in the session. */
  uptoSeq: number;
}

// --------------------------------------------------------------------------------------------------- unfinished work

/** Which sessions with work left to return. */
export interface UnfinishedQuery {
  limit: number;
  /**
   * Also sessions that pause after a failure or whose time has not come yet; and, the latest first, sessions whose
   * conversation the stream has named and for which nothing has been delivered yet.
   */
  includePaused?: boolean;
  /** Only sessions with work that the asking workflow has a step for; without it, all. */
  work?: Work | undefined;
  /** Also sessions that are due for one of these detectors, see `MomentMemory`; without it, for any. */
  detectors?: readonly string[] | undefined;
}

/** The kinds of work that a workflow has steps for. */
export interface Work {
  /** The chat products into which it delivers. */
  chats: readonly string[];
  /** Whether it summarizes. */
  summaries: boolean;
}

// ------------------------------------------------------------------------------------------- what a memory contains

/** Which sessions to list. */
export interface SessionsQuery {
  /**
   * - `recent`: all, those that acted last first.
   * - `linked`: with a conversation, the latest link first.
   * - `waiting`: with actions that no note contains yet, or a summary that failed; what is due first comes first.
   */
  which: 'recent' | 'linked' | 'waiting';
  /**
   * Only sessions whose user id, email address or session id contains this; case does not matter. Parts of ids are
   * looked for among the first few thousand sessions of the list; a whole id is found in any case.
   */
  text?: string | undefined;
  limit: number;
}

/** A session in a list. */
export interface ListedSession extends SessionInfo {
  last_seen_at: number;
  /** How many actions it has had. */
  actions: number;
  /** How many of them no summary covers. */
  actions_since_summary: number;
  /** How many of them are in no note of its conversation yet; null without a conversation. */
  actions_to_deliver: number | null;
  /** What its visitor did last. */
  last_action: Action | null;
}

/** What a memory contains. Numbers are counted up to {@link MemoryStatus.counted_up_to}. */
export interface MemoryStatus {
  sessions: number;
  actions: number;
  /** Links between sessions and conversations. */
  links: number;
  /** Conversations whose session is not known yet. */
  waiting_links: number;
  /** Links with work that is due: notes, redactions, or summaries that failed. */
  due: number;
  /** Links on which the latest post or redaction failed. They pause before the next attempt, so they need not be due. */
  failing: number;
  /** When a session acted last, in milliseconds since the epoch; null for an empty memory. */
  last_seen_at: number | null;
  /** Sessions and links beyond this number are not counted, because that would take long. */
  counted_up_to: number;
  /** The size of the whole storage with all its memories, in bytes. */
  storage_bytes: number;
}

/** A memory that holds sessions. */
export interface MemoryName {
  name: string;
  last_seen_at: number;
}

// --------------------------------------------------------------------------------------------------------- the memory

/** What a webhook took in. */
export interface IncomingEntry {
  key: string;
  body: string;
}

/** What a memory is opened with, whatever engine stores it. */
export interface MemoryParts {
  clock: Clock;
  /** Makes a fresh, unguessable id, for leases. */
  newId: () => string;
  rules: NoteRules;
}

/**
 * Keeps sessions between executions: one storage, which holds any number of memories by their names.
 *
 * Work on a session is claimed with a lease, done outside, then committed or released. A crash between the two loses
 * nothing, because the lease lapses. All methods are atomic. They reject only when the storage itself fails
 * (StorageError), and `extend` when its claim has lapsed (LeaseLostError).
 */
export interface SessionMemory extends MomentMemory, OfferMemory {
  // Sessions and links. The first parameter names the memory, or the `SessionRef` does; see `namedMemory` for callers
  // that work with one memory.

  /**
   * Stores batches, each action once however often it is delivered. Returns one result per batch.
   * @param retentionMs how long after its last batch each session is kept
   */
  remember(
    memory: string,
    batches: readonly SessionBatch[],
    retentionMs: number,
  ): Promise<Remembered[]>;
  /** @param retentionMs how long the conversation may wait for a session that is not known yet */
  link(memory: string, request: LinkRequest, retentionMs: number): Promise<LinkOutcome>;
  /** Null for an unknown visitor, and for a conversation without a session that may be shown in it. */
  recall(memory: string, query: RecallQuery): Promise<Recollection | null>;
  forget(query: ForgetQuery): Promise<Forgotten>;
  /**
   * Linked sessions with work that a failure or crash left behind and that is due again. Each is returned at growing
   * intervals and only so often.
   */
  unfinished(memory: string, query: UnfinishedQuery): Promise<SessionInfo[]>;
  /** Whether {@link unfinished} would return any session now, without `includePaused`. */
  isWorkDue(memory: string, query?: Pick<UnfinishedQuery, 'work' | 'detectors'>): Promise<boolean>;
  /** The conversation that the session is linked to in this chat product, if any. */
  conversationOf(session: SessionRef, chat: string): Promise<string | null>;
  /**
   * Records that a conversation was closed or snoozed. Until a message arrives in it, which `link` reports, notes that
   * follow it are held back.
   * @returns a session that is linked to it, if any
   */
  closeConversation(
    memory: string,
    conversation: Pick<LinkRequest, 'chat' | 'conversation_id'>,
  ): Promise<SessionInfo | null>;

  // Activity notes.

  /** Claims what a linked session's conversation does not have yet, as one note. */
  claimNote(session: SessionRef, chat: string, condition: NoteCondition): Promise<NoteClaim>;
  /**
   * Finds a claimed activity note by its row and the lease of its claim, which another worker may have taken over
   * since. Null once its outcome is known, and when it was forgotten.
   */
  heldNote(memory: string, rowId: number, lease: string): Promise<HeldNote | null>;

  // Replacing activity notes with a summary.

  /**
   * What is left to claim by the two below. Cheap, and claims nothing.
   * @param keepLatest notes with any of this many of the latest actions that were told are not redacted
   */
  replacementLeft(session: SessionRef, chat: string, keepLatest?: number): Promise<ReplacementLeft>;
  /** Claims posting the latest summary as a note. */
  claimSummaryNote(
    session: SessionRef,
    chat: string,
    condition: SummaryNoteCondition,
  ): Promise<SummaryNoteClaim>;
  /** Claims redacting what the posted summary covers. */
  claimRedactions(
    session: SessionRef,
    chat: string,
    condition: RedactionCondition,
  ): Promise<RedactionClaim>;
  markRedacted(note: RedactableNote): Promise<void>;

  // Claims on a link.

  /** @throws LeaseLostError */
  extend(claim: Claim, leaseMs: number): Promise<void>;
  /**
   * Records that the note is in the conversation, and ends the claim.
   * @param noteId null when the chat product returned none: the note can never be redacted then
   */
  commitNote(claim: Claim, note: PendingNote, noteId: string | null): Promise<void>;
  /**
   * Gives the claim back.
   * @param retryAfterMs when the work failed and is left to be tried again
   */
  release(claim: Claim, retryAfterMs?: number): Promise<void>;
  /** Gives the claim back after a post that failed. */
  releaseNote(claim: Claim, note: PendingNote, outcome: FailedPost): Promise<void>;
  /** The conversation does not exist any more: the session may be linked anew. */
  endLink(claim: Claim): Promise<void>;

  // Summaries.

  claimSummary(session: SessionRef, condition: SummaryCondition): Promise<SummaryClaim>;
  /** False when another worker took over or the session was forgotten: then the summary is not kept. */
  commitSummary(work: SummaryWork, summary: string): Promise<boolean>;
  releaseSummary(work: SummaryWork, retryAfterMs: number): Promise<void>;

  // What a memory contains.

  listSessions(memory: string, query: SessionsQuery): Promise<ListedSession[]>;
  status(memory: string): Promise<MemoryStatus>;
  /** The memories that hold sessions, by name; not more than a hundred. */
  memories(): Promise<MemoryName[]>;

  // Upkeep of the whole storage.

  /** True the first time `key` is seen in `scope`: tells a webhook's delivery from its repetitions. */
  firstSight(scope: string, key: string): Promise<boolean>;
  /**
   * Stores what a webhook took in until its trigger works on it, each key once: an entry that is there already stays as it
   * is. Nothing else reads the entries.
   */
  keepIncoming(inbox: string, entries: readonly IncomingEntry[]): Promise<void>;
  /** The entries of an inbox that arrived at least `ageMs` milliseconds ago, the oldest first. */
  incoming(inbox: string, ageMs: number, limit: number): Promise<IncomingEntry[]>;
  dropIncoming(inbox: string, keys: readonly string[]): Promise<void>;
  /** Erases what has outlived its retention, in every memory. Returns the number of sessions that were erased. */
  expire(): Promise<number>;
  close(): Promise<void>;
}

/** The names of the methods at run time; the compiler checks that none is missing. */
export const METHODS = {
  remember: true,
  link: true,
  recall: true,
  forget: true,
  unfinished: true,
  isWorkDue: true,
  conversationOf: true,
  closeConversation: true,
  claimNote: true,
  heldNote: true,
  replacementLeft: true,
  claimSummaryNote: true,
  claimRedactions: true,
  markRedacted: true,
  extend: true,
  commitNote: true,
  release: true,
  releaseNote: true,
  endLink: true,
  claimSummary: true,
  commitSummary: true,
  releaseSummary: true,
  claimOffer: true,
  confirmOffer: true,
  extendOffer: true,
  advanceOffer: true,
  commitOffer: true,
  holdBackOffer: true,
  releaseOffer: true,
  recordReply: true,
  openOffer: true,
  withdrawOffer: true,
  reportOffers: true,
  listSessions: true,
  status: true,
  memories: true,
  firstSight: true,
  keepIncoming: true,
  incoming: true,
  dropIncoming: true,
  detectMoments: true,
  nextMomentAt: true,
  expire: true,
  close: true,
} satisfies Record<keyof SessionMemory, true>;
