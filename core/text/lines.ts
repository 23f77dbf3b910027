import type { Action } from '../payload/types';

/** The session a text speaks of; only its id is written. */
export interface SessionNamed {
  session_id: string | null;
}

/** What happened, in one line of plain text: the description, or the best there is instead of it. */
export function describeAction(action: Action): string {
  const page = action.canonical_url || action.raw_url;
  const said = action.description || action.title || [action.type, page].filter(Boolean).join(' ');
  return oneLine(said);
}

/** `[index] type: description — canonical_url` (Autoplay's text form of an action). */
export function actionLine(action: Action, index = action.index): string {
  return `[${index}] ${actionBody(action)}`;
}

/** `Session <id|unknown> — N actions`, then one line per action (Autoplay's text form of a batch). */
export function actionsText(session: SessionNamed, actions: readonly Action[]): string {
  const header = `Session ${session.session_id ?? 'unknown'} — ${actions.length} actions`;
  return [header, ...actions.map((action) => actionLine(action))].join('\n');
}

/**
 * Line breaks inside a page's title could forge a header line or a further action; invisible
 * direction marks could make a line read as another. Both become spaces or go.
 */
export function oneLine(text: string): string {
  return text
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim();
}

function actionBody(action: Action): string {
  return `${oneLine(action.type)}: ${describeAction(action)} — ${oneLine(action.canonical_url)}`;
}
