import type { Action } from '../payload/types';
import { describeAction, linesOf } from './lines';
import { activityNoteText, summaryNoteText, withTimes, type TimedAction } from './note';
import { oneLine, shorten, visible } from './visible';
import { replayUrl } from '../posthog/replay';

/**
 * How notes are written.
 *
 * - `autoplay`: in Autoplay's form, as without a format.
 * - `readable`: the time and the page of each action; the ids and the date come last.
 * - `template`: a text of one's own with placeholders, see {@link PLACEHOLDERS}.
 */
export type NoteFormat = (
  | { kind: 'autoplay' }
  | { kind: 'readable'; timeZone: string }
  | { kind: 'template'; timeZone: string; template: string }
) & {
  /**
   * The page of the PostHog project whose replay a note links to; null for no link. Undefined for the session's own
   * project, if that is known.
   */
  replayIn?: string | null;
};

/** Whom a note is about. */
export interface NoteSession {
  session_id: string;
  user_id?: string | null;
  email?: string | null;
  /** The page of the PostHog project that recorded the session. */
  project_url?: string | null;
}

/** What a template of each kind of note must contain. */
export const REQUIRED = { activity: '{actions}', summary: '{summary}' } as const;

/** The placeholders of a template; other braces are text. */
export const PLACEHOLDERS = {
  activity: ['actions', 'count', 'page', 'timestamp', 'session_id', 'user_id', 'email', 'replay'],
  summary: ['summary', 'timestamp', 'session_id', 'user_id', 'email', 'replay'],
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
  const inOrder = withTimes(actions).sort((a, b) => a.seconds - b.seconds);
  const beganAt = (inOrder[0]?.seconds ?? 0) * 1_000;
  const replay = replayIn(session, beganAt, format);
  if (!format || format.kind === 'autoplay') {
    return withReplay(activityNoteText(session.session_id, actions, binSeconds), replay);
  }
  const ids = idsOf(session, beganAt, format.timeZone);
  const lines = readableLines(inOrder, format.timeZone);
  if (!isFor('activity', format)) return `${withReplay(lines, replay)}\n\n${lineOfIds(ids)}`;
  return filled(format.template, {
    ...ids,
    replay,
    actions: lines,
    count: String(inOrder.length),
    page: pageOf(inOrder.at(-1)?.action),
  });
}

/**
 * The plain text of a summary note.
 * @param postedAt in milliseconds since the epoch
 * @param beganAt when what it tells began, for the replay; also in milliseconds
 */
export function composeSummary(
  session: NoteSession,
  summary: string,
  postedAt: number,
  format: NoteFormat | undefined,
  beganAt?: number,
): string {
  const replay = beganAt === undefined ? '' : replayIn(session, beganAt, format);
  if (!format || format.kind === 'autoplay') {
    return withReplay(summaryNoteText(session.session_id, summary, postedAt), replay);
  }
  const ids = idsOf(session, postedAt, format.timeZone);
  const said = visible(summary).trim();
  if (!isFor('summary', format)) return `${withReplay(said, replay)}\n\n${lineOfIds(ids)}`;
  return filled(format.template, { ...ids, replay, summary: said });
}

/** The address of the replay; '' where there is none. */
function replayIn(
  { session_id, project_url }: NoteSession,
  at: number,
  format: NoteFormat | undefined,
): string {
  const project = format?.replayIn === undefined ? project_url : format.replayIn;
  return (project && replayUrl(project, session_id, at)) || '';
}

function withReplay(text: string, replay: string): string {
  return replay ? `${text}\n\n${replayLine(replay)}` : text;
}

const replayLine = (replay: string) => `Replay: ${replay}`;

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
  values: Record<string, string> & { session_id: string; timestamp: string; replay: string },
): string {
  const isFound = template.includes('{session_id}') && template.includes('{timestamp}');
  const whole = withReplay(
    visible(template).trim(),
    template.includes('{replay}') ? '' : values.replay,
  );
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
