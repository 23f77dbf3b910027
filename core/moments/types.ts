// Words: a *run* is a stay on one page with its actions; a *rule* says what in a session's runs is a moment; a *moment* is
// one rule that fired for one session.

/** What rules see of an action. Sessions have many, so it is small. */
export interface Act {
  /** When it happened as the memory believes, in milliseconds since the epoch. */
  at: number;
  /** Its place in the session. */
  seq: number;
  /** The page's key, see `pageKey`; '' where the action has no address. */
  page: string;
  type: string;
  /** What it was done to, as far as its words tell. */
  target: string;
  /** Its title and description in lower case, for comparison with words. */
  said: string;
  signal: string | undefined;
}

/** Where and for whom a rule holds. It is checked against the page on which the rule fires. */
export interface Scope {
  /** Page patterns with `*`, such as `/settings/*`; empty for all pages. */
  pages: readonly string[];
  /** Product ids; empty for all. */
  products: readonly string[];
  audience: 'everyone' | 'signed_in' | 'anonymous';
}

/** How often a rule may fire: once in a session, or once on each page of a session. */
export type Once = 'session' | 'page';

/** The thresholds of each rule; all times in milliseconds. */
export interface Thresholds {
  /** There and back between two pages, so often, without a long stay on either. */
  ping_pong: { cycles: number; withinMs: number; longestStayMs: number };
  /** A long stay on a page with few actions: with more, the visitor gets on. */
  dwell: { afterMs: number; maxActions: number };
  /** Nothing for long after at least two actions on a page. */
  idle: { afterMs: number };
  /** Quick clicks on one thing; `except` are parts of titles of what people click quickly on purpose. */
  rage_click: { clicks: number; gapMs: number; except: readonly string[] };
  /** Clicks on one thing while the page stays. */
  repeated_click: { clicks: number; withinMs: number; except: readonly string[] };
  /** Clicks without effect in one stay, as PostHog reports them. */
  dead_click: { clicks: number };
  /** Errors, clicks without effect, repeated submits, and actions with one of the words. */
  failures: { failures: number; withinMs: number; words: readonly string[] };
  /** Some fields were filled in and not submitted, and the visitor left or went quiet. */
  form_left: { fields: number; afterMs: number; nextPages: readonly string[] };
  /**
   * The person's first stay in a section, by path prefix. The memory has to keep histories for `learnMs` before; of persons whom
   * it knew before the section was looked for, it has to have looked for it as long.
   */
  first_in_section: { sections: readonly string[]; learnMs: number };
  /** The person is back after days. */
  return: { afterMs: number };
  /** The person's n-th visit to a page. */
  nth_visit: { visits: number; withinMs: number };
  /** A search that found nothing, by the words, or several searches without a click between. */
  search_without_result: { searches: number; withinMs: number; words: readonly string[] };
  /** Actions on one page for long, and none of them the one that ends the step. */
  stuck_step: { afterMs: number; goals: readonly string[] };
}

export type RuleName = keyof Thresholds;

/** A rule as a user set it. */
export type Rule<Name extends RuleName = RuleName> = {
  [N in Name]: Thresholds[N] & {
    rule: N;
    /** What the user calls it, by which reports group. */
    name: string;
    scope: Scope;
    once: Once;
  };
}[Name];

/** A rule that fired. */
export interface Moment {
  rule: RuleName;
  /** What the user calls the rule. */
  name: string;
  /** Changes with the rule's thresholds and scope, so that reports do not mix them. */
  rule_version: string;
  /** When it fired, in milliseconds since the epoch. */
  at: number;
  /** Where the visitor was then, see `pageKey`. */
  page: string;
  /** The places of the actions that show it, the latest last; at most five. */
  evidence: number[];
  /** How far it went beyond the threshold, from 1. */
  strength: number;
  /** What the rule may fire for only once: a session, a page of it, or for rules about a person, what they did. */
  window: Window;
}

/** See {@link Moment.window}. */
export interface Window {
  of: 'session' | 'person';
  /** Together with the rule's name and the session or person, it identifies the window. */
  key: string;
}

/** What is known of a person beyond the session. Kept only for rules that ask for it. */
export interface History {
  /** Since when the person is known, in milliseconds since the epoch. */
  first_seen_at: number;
  /** The session in which they were seen last, and when; and when in the session before, null in the first one. */
  session_id: string;
  last_seen_at: number;
  seen_before_at: number | null;
  /** How many sessions they have had. */
  sessions: number;
  /** The first visit to each section, by its prefix. */
  sections: Record<string, Visit>;
  /** Since when each section is looked for, by its prefix, in milliseconds since the epoch. */
  watched: Record<string, number>;
  /** The latest visits to each page, by its key. */
  visits: Record<string, readonly Visit[]>;
}

/** A visit to a page: when, and in which session. */
export type Visit = readonly [at: number, session_id: string];
