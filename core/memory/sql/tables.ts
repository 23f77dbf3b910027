import type { Generated, Kysely, Transaction } from 'kysely';
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
  /** Since when the stream names that, as long as the session has no link. */
  stream_named_at: number | null;
  /** The first action of who acts now, if they took the session over from somebody else; else 0. */
  person_from_seq: Generated<number>;
  last_seq: number;
  summarized_seq: number;
  summary_lease: string | null;
  summary_lease_until: number | null;
  /** How long that lasted when it was taken or renewed. */
  summary_lease_ms: number | null;
  summary_failures: number;
  summary_retry_at: number | null;
  last_seen_at: number;
  /** When the session may be erased, unless something happens in it before. */
  expires_at: number;
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

/** Everything that a session's visitor has gone by, so that they can be forgotten by any of it. */
interface IdentityTable {
  session: number;
  kind: 'user_id' | 'email';
  /** An email address is in lower case, for comparison. */
  value: string;
}

interface LinkTable {
  id: Generated<number>;
  /** The session's, so that what is due in one memory is found without a look at others. */
  memory: string;
  session: number;
  chat: string;
  conversation_id: string;
  linked_at: number;
  /** Set when the conversation was found gone. */
  ended_at: number | null;
  /** Null until the first note was dealt with. */
  delivered_seq: number | null;
  /** Up to where recalls that ask for news only have looked. */
  recalled_seq: number;
  /** The first action that such a recall told, 0 if a summary was told; null when nothing was. */
  told_from_seq: number | null;
  /** Of who posts a note into the conversation. */
  lease: string | null;
  lease_until: number | null;
  lease_ms: number | null;
  /** Of who redacts notes in it, beside which notes may be posted. */
  redact_lease: string | null;
  redact_lease_until: number | null;
  redact_lease_ms: number | null;
  /** In a row, of posting; redactions pause by themselves. */
  failures: number;
  redact_failures: Generated<number>;
  redact_retry_at: number | null;
  /** When somebody should look whether work was left behind; null when none can be. */
  due_at: number | null;
  /** How often somebody looked since, without anything coming of it. */
  looks: Generated<number>;
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
  /** Where it came from; tells a repeated stream summary from a new one. */
  source: string;
  created_at: number;
}

interface NoteTable {
  id: Generated<number>;
  link: number;
  kind: 'activity' | 'summary';
  /** The summary it tells, for summary notes. */
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

interface SeenTable {
  scope: string;
  key: string;
  seen_at: number;
}

/** How long after something happened to a session somebody should look whether its work was done. */
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
}

export type Database = Kysely<Tables>;
export type Tx = Transaction<Tables>;

/** An open database, and what every part of the SQL memory works with. */
export interface SqlContext extends MemoryParts {
  db: Database;
}
