// The wire's own field names, so that Autoplay's documentation applies to what n8n shows.

/** One thing a visitor did. Text fields are `''` and times `null` when the wire had none. */
export interface Action {
  /** Place within the item, from 0. Not an identity: Autoplay numbers differently in different places. */
  index: number;
  /** pageview, click, submit, type, focus, blur, or whatever the connector says. */
  type: string;
  title: string;
  description: string;
  /** Epoch seconds. */
  timestamp_start: number | null;
  /** Epoch seconds. */
  timestamp_end: number | null;
  raw_url: string;
  canonical_url: string;
  user_id?: string;
  email?: string;
  conversation_id?: string;
  /**
   * Set by the memory where the session's user id becomes another one: the visitor signed in, or somebody else goes on
   * in the same browser. Missing everywhere else.
   */
  user_changed?: true;
  /** Tells this action from every other of its session; made of its batch, its place in it and its content. */
  action_id: string;
}

/** A summary made by the connector itself, as it arrived between a session's actions. */
export interface StreamSummary {
  summary: string;
  /** How many actions it condenses; 0 when the connector did not say. */
  replaces: number;
  /** Epoch seconds; 0 when the connector did not say. */
  forwarded_at: number;
  /** How many of the item's actions arrived before it. */
  position: number;
}

/** Actions of one session that travel together: what one n8n item holds. */
export interface SessionBatch {
  type: 'actions';
  product_id: string;
  session_id: string;
  user_id: string | null;
  email: string | null;
  conversation_id: string | null;
  actions: Action[];
  /** Always `actions.length`. */
  count: number;
  /** Epoch seconds. */
  forwarded_at: number;
  summaries?: StreamSummary[];
}

/** Why something that arrived was passed over. */
export type SkipReason =
  'broken_json' | 'not_an_object' | 'unknown_type' | 'no_session' | 'bad_action' | 'empty';

/** What one frame came to: usually one batch; several when its actions belong to several sessions. */
export interface ParsedFrame {
  batches: SessionBatch[];
  /** How often each reason applied; empty for a frame without fault. */
  skipped: Partial<Record<SkipReason, number>>;
}

/** One item of the stream trigger that holds a session's actions. */
export interface SessionItem extends SessionBatch {
  /**
   * How many waiting actions, of this or other sessions, had to be dropped since the item before
   * this one because too many were waiting. Missing when none were.
   */
  dropped_actions?: number;
  /** How many of the actions were new to the memory, where the trigger itself remembered them. */
  added?: number;
}

/**
 * Names no session: asks whoever remembers sessions to look for work that an earlier execution
 * left unfinished, because it failed or because n8n stopped in the middle.
 */
export interface WakeUp {
  type: 'wake_up';
  product_id: string;
  /** Leaves alone what failed a moment ago and pauses. */
  only_due?: true;
}

/** What one item of the stream trigger holds. */
export type TriggerItem = SessionItem | WakeUp;
