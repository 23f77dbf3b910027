import type { RuleName, Thresholds } from './types';

/** Words that pages use where something failed. */
const FAILED = [
  ...['error', 'failed', 'invalid', 'not found', 'went wrong', 'try again', 'denied'],
  ...['fehler', 'fehlgeschlagen', 'ungültig', 'erreur', 'échec'],
];
/** Words that pages use where a search found nothing. */
const NOTHING_FOUND = [
  ...['no results', 'no matches', 'nothing found', '0 results'],
  ...['keine ergebnisse', 'keine treffer', 'aucun résultat'],
];
/** What people click quickly on purpose. */
const CLICKED_QUICKLY = [
  ...['next', 'previous', 'increase', 'decrease', 'plus', 'minus', 'zoom', 'play', 'pause'],
  ...['calendar', 'undo', 'redo', 'scroll', '+', '−', '›', '‹'],
];

/** The thresholds that a rule has until the user changes them. */
export const DEFAULT_THRESHOLDS: Thresholds = {
  ping_pong: { cycles: 2, withinMs: 120_000, longestStayMs: 60_000 },
  dwell: { afterMs: 60_000, maxActions: 5 },
  idle: { afterMs: 90_000 },
  rage_click: { clicks: 3, gapMs: 1_000, except: CLICKED_QUICKLY },
  repeated_click: { clicks: 4, withinMs: 15_000, except: CLICKED_QUICKLY },
  dead_click: { clicks: 2 },
  failures: { failures: 3, withinMs: 120_000, words: FAILED },
  form_left: { fields: 2, afterMs: 60_000, nextPages: [] },
  first_in_section: { sections: [], learnMs: 7 * 24 * 3_600_000 },
  return: { afterMs: 3 * 24 * 3_600_000 },
  nth_visit: { visits: 3, withinMs: 7 * 24 * 3_600_000 },
  search_without_result: { searches: 3, withinMs: 90_000, words: NOTHING_FOUND },
  stuck_step: { afterMs: 60_000, goals: [] },
};

/** All rules, in the order in which panels list them. */
export const RULE_NAMES = Object.keys(DEFAULT_THRESHOLDS) as RuleName[];
