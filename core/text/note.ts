import type { Action } from '../payload/types';
import { describeAction, linesOf } from './lines';
import { oneLine, visible } from './visible';

/** An action with the time to assume if it has none of its own. */
export interface TimedAction {
  action: Action;
  /** Milliseconds since the epoch: the action's own time, or else the time when it arrived. */
  at: number;
}

/** Width of the time bins in the first note after a session is linked, in seconds. */
export const BIN_SECONDS = 3;

/**
 * The plain text of an activity note: a header, then one numbered line per action, in order of time. The format
 * is that of Autoplay's chatbot note.
 *
 * @param binSeconds width of the time bins, which blank lines separate; 0 for none
 */
export function activityNoteText(
  sessionId: string,
  actions: readonly TimedAction[],
  binSeconds: number,
): string {
  const inOrder = withTimes(actions).sort((a, b) => a.seconds - b.seconds);
  const lines: string[] = [];
  let bin: number | undefined;
  inOrder.forEach(({ action, seconds }, i) => {
    const itsBin = binSeconds > 0 ? Math.floor(seconds / binSeconds) : 0;
    if (bin !== undefined && bin !== itsBin) lines.push('');
    bin = itsBin;
    lines.push(...linesOf([action], () => `[${i + 1}] ${describeAction(action)}`));
  });
  return noteHeader(sessionId, (inOrder[0]?.seconds ?? 0) * 1000) + lines.join('\n');
}

/**
 * Each action with its time in seconds. An action without one gets that of its predecessor, or of its successor at
 * the beginning, and so keeps its place. By its arrival, it would come after later ones.
 */
export function withTimes(
  actions: readonly TimedAction[],
): Array<{ action: Action; seconds: number }> {
  const firstKnown = actions.find(({ action }) => action.timestamp_start !== null);
  let latest = firstKnown?.action.timestamp_start ?? null;
  return actions.map(({ action, at }) => {
    latest = action.timestamp_start ?? latest;
    return { action, seconds: latest ?? at / 1_000 };
  });
}

/** The plain text of a summary note: the header, with the time of posting (ms), then the summary. */
export function summaryNoteText(sessionId: string, summary: string, postedAt: number): string {
  return noteHeader(sessionId, postedAt) + visible(summary).trim();
}

function noteHeader(sessionId: string, ms: number): string {
  return `session_id: ${oneLine(sessionId)}\ntimestamp: ${utc(ms)}\n\n`;
}

/** `2024-01-15 12:34:50 UTC`. A time beyond the calendar is written as the epoch. */
function utc(ms: number): string {
  const date = new Date(ms);
  const iso = (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
  return `${iso.slice(0, iso.indexOf('.')).replace('T', ' ')} UTC`;
}
