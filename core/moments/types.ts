import type { Action } from '../payload/types';

// Words: a *run* is a row of actions on one page; a *rule* says what in a session's runs and actions is a moment; a
// *moment* is one rule that fired for one session.

/** An action with the time that the memory believes, in milliseconds since the epoch. */
export interface PlacedAction {
  at: number;
  /** Its place in the session. */
  seq: number;
  action: Action;
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

/** What all rules have. */
interface RuleBase {
  /** What the user calls it; the rule's own name if they gave none. Reports group by it. */
  name: string;
  scope: Scope;
  once: Once;
}

/** The rules with their thresholds; all times in milliseconds. */
export type Rule = RuleBase &
  (
    | {
        rule: 'ping_pong';
        /** How often the visitor goes there and back. */
        cycles: number;
        withinMs: number;
        /** A longer stay on a page is reading, not searching. */
        longestStayMs: number;
      }
    | {
        rule: 'dwell';
        afterMs: number;
        /** More actions on the page mean that they get on. */ maxActions: number;
      }
    | { rule: 'idle'; afterMs: number }
    | {
        rule: 'rage_click';
        clicks: number;
        /** Between two neighbours. */ gapMs: number;
        except: readonly string[];
      }
    | { rule: 'repeated_click'; clicks: number; withinMs: number; except: readonly string[] }
    | { rule: 'dead_click'; clicks: number }
    | {
        rule: 'failures';
        failures: number;
        withinMs: number;
        /** Parts of titles and descriptions, in lower case. */ words: readonly string[];
      }
    | {
        rule: 'form_left';
        fields: number;
        afterMs: number;
        /** Page patterns that a form leads to by itself. */ nextPages: readonly string[];
      }
    | {
        rule: 'first_in_section';
        /** Path prefixes. */ sections: readonly string[];
        /** How long the memory only learns what is known, after its first session. */ learnMs: number;
      }
    | { rule: 'return'; afterMs: number }
    | { rule: 'nth_visit'; visits: number; withinMs: number }
    | {
        rule: 'search_without_result';
        searches: number;
        withinMs: number;
        /** As of failures. */ words: readonly string[];
      }
    | {
        rule: 'stuck_step';
        afterMs: number;
        /** Parts of titles of the action that ends the step, in lower case. */ goals: readonly string[];
      }
  );

export type RuleName = Rule['rule'];

/** A rule that fired. */
export interface Moment {
  rule: RuleName;
  /** The rule's {@link RuleBase.name}. */
  name: string;
  /** Changes with the rule's thresholds and scope, so that reports do not mix them. */
  rule_version: string;
  /** When it fired, in milliseconds since the epoch. */
  at: number;
  /** The page's key, see `pageKey`. */
  page: string;
  /** The actions that show it, the latest last; at most five. */
  evidence: PlacedAction[];
  /** How far beyond its threshold, from 1. */
  strength: number;
  /**
   * What it may fire for only once: the same for all its repetitions, and different in another session or, for rules
   * about a person, for another person.
   */
  window: string;
}

/** What is known of a person beyond the session. Kept only for rules that ask for it. */
export interface History {
  /** When the person was first and last seen, in milliseconds since the epoch; the last time in an earlier session. */
  first_seen_at: number;
  last_seen_at: number;
  /** How many sessions they have had, with this one. */
  sessions: number;
  /** When each section was entered first, by its prefix. */
  sections: Record<string, number>;
  /** When each page was visited, by its key: the latest visits, one for each session or half hour. */
  visits: Record<string, number[]>;
}
