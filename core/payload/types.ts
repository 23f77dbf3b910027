// The field names are those of the wire, so that Autoplay's documentation applies to what n8n shows.

/** One thing that a visitor did. Texts that the wire does not have are `''`, and times are `null`. */
export interface Action {
  /** Place within the item, from 0. Not an identity, because Autoplay numbers differently in different places. */
  index: number;
  /** pageview, click, submit, type, focus, blur, or another type of the connector. */
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
   * What the action says about the visitor's luck: `rage_click`, `dead_click` or `error` of PostHog, or another word of
   * the source. Missing for ordinary actions.
   */
  signal?: string;
  /**
   * Set by the memory where the session's user id changes: the visitor signed in, or another person uses the same
   * browser. Missing everywhere else.
   */
  user_changed?: true;
  /** Identifies the action within its session. Made of its batch, its place in the batch, and its content. */
  action_id: string;
}

/** A summary that the connector made, as it arrived between a session's actions. */
export interface StreamSummary {
  summary: string;
  /** How many actions it condenses; 0 if the connector does not say. */
  replaces: number;
  /** Epoch seconds; 0 if the connector does not say. */
  forwarded_at: number;
  /** How many of the item's actions arrived before it. */
  position: number;
}

/** Actions of one session that travel together, in one n8n item. */
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
  /** The source names a user id only if the visitor signed in. Else its form has to tell it from an anonymous visitor's. */
  signed_in?: true;
  /**
   * The page of the PostHog project that recorded the session, such as `https://eu.posthog.com/project/7`. Missing if the
   * source does not say.
   */
  project_url?: string;
}

/** Why something was skipped. */
export type SkipReason =
  'broken_json' | 'not_an_object' | 'unknown_type' | 'no_session' | 'bad_action' | 'empty';

/** The content of one frame: usually one batch, or several if its actions belong to several sessions. */
export interface ParsedFrame {
  batches: SessionBatch[];
  /** How often something was skipped, by reason; empty for a frame without faults. */
  skipped: Partial<Record<SkipReason, number>>;
}

/** One item of the stream trigger that holds a session's actions. */
export interface SessionItem extends SessionBatch {
  /**
   * How many waiting actions, of this or other sessions, were dropped since the previous item because too many
   * were waiting. Missing if none were.
   */
  dropped_actions?: number;
  /**
   * How many actions, of this or other sessions, the trigger's filter left out since the previous item. Missing if it
   * left out none.
   */
  left_out_actions?: number;
  /** How many of the actions were new to the memory, if the trigger itself stored them. */
  added?: number;
}

/**
 * Asks the step that remembers sessions to look for work that an earlier execution left unfinished, because it
 * failed or because n8n stopped. Names no session.
 */
export interface WakeUp {
  type: 'wake_up';
  product_id: string;
  /** Skip work that pauses after a failure. */
  only_due?: true;
}

/** The content of one item of the stream trigger. */
export type TriggerItem = SessionItem | WakeUp;
