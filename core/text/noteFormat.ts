import type { Action } from '../payload/types';
import { describeAction, linesOf } from './lines';
import { activityNoteText, summaryNoteText, withTimes, type TimedAction } from './note';
import { oneLine, shorten, visible } from './visible';

/**
 * How notes are written. Without one, in Autoplay's form.
 *
 * - `readable`: the time and the page of each action; the ids and the date come last.
 * - `template`: a text of one's own with placeholders, see {@link PLACEHOLDERS}.
 */
export type NoteFormat =
  { kind: 'readable'; timeZone: string } | { kind: 'template'; timeZone: string; template: string };

/** Whom a note is about. */
export interface NoteSession {
  session_id: string;
  user_id?: string | null;
  email?: string | null;
}

/** What a template of each kind of note must contain. */
export const REQUIRED = { activity: '{actions}', summary: '{summary}' } as const;

/** The placeholders of a template; other braces are text. */
export const PLACEHOLDERS = {
  activity: ['actions', 'count', 'page', 'timestamp', 'session_id', 'user_id', 'email'],
  summary: ['summary', 'timestamp', 'session_id', 'user_id', 'email'],
} as const;

const LONGEST_TEMPLATE = 2_000;
const LONGEST_PAGE = 200;

/** Why a template cannot be used, in sentences; undefined if it can. */
export function noteTemplateFault(
  template: string,
  kind: keyof typeof REQUIRED,
): string | undefined {
  if (!template.includes(REQUIRED[kind])) {
    const content = kind === 'activity' ? 'what the visitor did' : 'the summary';
    return `The template has no ${REQUIRED[kind]}, so notes would lack ${content}. Put ${REQUIRED[kind]} where it should stand.`;
  }
  if (template.length > LONGEST_TEMPLATE) {
    return `The template has ${template.length} characters, and may have ${LONGEST_TEMPLATE}.`;
  }
  return undefined;
}

/** Whether a time zone is one that is known here, such as `Europe/Paris`. */
export function isTimeZone(timeZone: string): boolean {
  try {
    formatterOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

/**
 * The plain text of an activity note.
 * @param binSeconds the time bins of Autoplay's form; other forms name the times
 */
export function composeActivity(
  session: NoteSession,
  actions: readonly TimedAction[],
  binSeconds: number,
  format: NoteFormat | undefined,
): string {
  if (!format) return activityNoteText(session.session_id, actions, binSeconds);
  const inOrder = withTimes(actions).sort((a, b) => a.seconds - b.seconds);
  const ids = idsOf(session, (inOrder[0]?.seconds ?? 0) * 1_000, format.timeZone);
  const lines = readableLines(inOrder, format.timeZone);
  if (!isFor('activity', format)) return `${lines}\n\n${lineOfIds(ids)}`;
  return filled(format.template, {
    ...ids,
    actions: lines,
    count: String(inOrder.length),
    page: pageOf(inOrder.at(-1)?.action),
  });
}

/**
 * The plain text of a summary note.
 * @param postedAt in milliseconds since the epoch
 */
export function composeSummary(
  session: NoteSession,
  summary: string,
  postedAt: number,
  format: NoteFormat | undefined,
): string {
  if (!format) return summaryNoteText(session.session_id, summary, postedAt);
  const ids = idsOf(session, postedAt, format.timeZone);
  const said = visible(summary).trim();
  if (!isFor('summary', format)) return `${said}\n\n${lineOfIds(ids)}`;
  return filled(format.template, { ...ids, summary: said });
}

/** Whether a format is a template for this kind of note. A step with one for activity may post a summary, too. */
function isFor(
  kind: keyof typeof REQUIRED,
  format: NoteFormat,
): format is Extract<NoteFormat, { kind: 'template' }> {
  return format.kind === 'template' && format.template.includes(REQUIRED[kind]);
}

/** A line for each action, and one with the date where the day changes. */
function readableLines(
  actions: ReadonlyArray<{ action: Action; seconds: number }>,
  timeZone: string,
): string {
  let day: string | undefined;
  return actions
    .flatMap(({ action, seconds }) => {
      const { date, time } = clockTime(seconds * 1_000, timeZone);
      const parts = [time.slice(0, 5), describeAction(action), pageOf(action)];
      const lines = linesOf([action], () => parts.filter(Boolean).join(' · '));
      if (day !== undefined && day !== date) lines.unshift(date);
      day = date;
      return lines;
    })
    .join('\n');
}

/** The path of an action's page; the whole address where it has no path. */
function pageOf(action: Action | undefined): string {
  const address = oneLine(action?.canonical_url || action?.raw_url || '');
  const { pathname } = /^https?:/i.test(address) ? (URL.parse(address) ?? {}) : {};
  return shorten(pathname ?? address, LONGEST_PAGE);
}

function idsOf({ session_id, user_id, email }: NoteSession, ms: number, timeZone: string) {
  const { date, time, zone } = clockTime(ms, timeZone);
  return {
    timestamp: `${date} ${time} ${zone}`,
    session_id: oneLine(session_id),
    user_id: oneLine(user_id ?? ''),
    email: oneLine(email ?? ''),
  };
}

/** What tells a note from all others in its conversation: a note whose answer was lost is found again by its text. */
function lineOfIds({ session_id, timestamp }: { session_id: string; timestamp: string }): string {
  return `session_id: ${session_id} · ${timestamp}`;
}

/** The template with its values, and with the line of ids below it unless it has both itself. */
function filled(
  template: string,
  values: Record<string, string> & { session_id: string; timestamp: string },
): string {
  const isFound = template.includes('{session_id}') && template.includes('{timestamp}');
  const whole = visible(template).trim();
  // In one pass, so that a placeholder inside an action's text stays text.
  const text = whole.replace(/\{([a-z_]{1,20})\}/g, (as, name: string) =>
    Object.hasOwn(values, name) ? values[name]! : as,
  );
  return isFound ? text : `${text}\n\n${lineOfIds(values)}`;
}

/** A moment on the clocks of a time zone. One beyond the calendar is written as the epoch. */
function clockTime(ms: number, timeZone: string): { date: string; time: string; zone: string } {
  const date = new Date(ms);
  const moment = Number.isNaN(date.getTime()) ? new Date(0) : date;
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatterOf(timeZone).formatToParts(moment)) parts[type] = value;
  const { year, month, day, hour, minute, second, timeZoneName = '' } = parts;
  return {
    date: `${year}-${month}-${day}`,
    time: `${hour}:${minute}:${second}`,
    zone: timeZoneName.replace('GMT', 'UTC').replace('+00:00', ''),
  };
}

const formatters = new Map<string, Intl.DateTimeFormat>();
const MOST_FORMATTERS = 100;

/** @throws RangeError for an unknown time zone */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
    timeZoneName: 'longOffset',
  });
  if (formatters.size < MOST_FORMATTERS) formatters.set(timeZone, made);
  return made;
}
