import type { Action } from '../payload/types';
import { oneLine, shorten, shortLine } from './visible';

/** No author gives a page a longer title. A longer one is meant to fill the list. */
const MAX_SAID = 500;
const MAX_TYPE = 40;

/** The session that a text is about. Only its id is written. */
interface SessionNamed {
  session_id: string | null;
}

/** What happened, in one line of plain text: the description, or else the title, or else type and page. */
export function describeAction(action: Action): string {
  const page = action.canonical_url || action.raw_url;
  const typed = [action.type, page].filter(Boolean).join(' ');
  // A text of invisible characters only counts as empty.
  const said = [action.description, action.title, typed].map(oneLine).find(Boolean) ?? '';
  return shortLine(said, MAX_SAID);
}

/** A line before each action with which the session's user id changes. */
const USER_CHANGED =
  '(From here on under another user ID: the visitor signed in, or it is somebody else.)';

/** A line for each action, with the line {@link USER_CHANGED} before those that need it. */
export function linesOf(
  actions: readonly Action[],
  lineOf: (action: Action, position: number) => string,
): string[] {
  return actions.flatMap((action, i) =>
    action.user_changed ? [USER_CHANGED, lineOf(action, i)] : [lineOf(action, i)],
  );
}

/** `[index] type: description — canonical_url` (Autoplay's text form of an action). */
export function actionLine(action: Action, index = action.index): string {
  return `[${index}] ${actionBody(action)}`;
}

/** `Session <id|unknown> — N actions`, then one line per action (Autoplay's text form of a batch). */
export function actionsText(session: SessionNamed, actions: readonly Action[]): string {
  const id = session.session_id === null ? 'unknown' : oneLine(session.session_id);
  const header = `Session ${id} — ${actions.length} actions`;
  return [header, ...linesOf(actions, (action) => actionLine(action))].join('\n');
}

function actionBody(action: Action): string {
  const type = shorten(oneLine(action.type), MAX_TYPE);
  const page = shorten(oneLine(action.canonical_url), MAX_SAID);
  return `${type}: ${describeAction(action)} — ${page}`;
}
