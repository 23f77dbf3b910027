/** An action as a prompt tells it. */
export interface ToldAction {
  type: string;
  description: string;
  /** The page's address, as it stood in the prompt. */
  page: string;
}

/** What a prompt told of a visitor's activity, taken apart. */
export interface ActivityRecord {
  /** What stands before the actions: the summary of what came earlier. Empty where there is none. */
  before: string;
  /** Null where no actions are listed. */
  sessionId: string | null;
  actions: ToldAction[];
}

/** The head of Autoplay's text form of a list of actions, with the lines below it. */
const LISTED = /^Session (?<sessionId>.+) — \d+ actions\n(?<lines>(?:\[\d+\] .*(?:\n|$))+)$/m;
const LINE = /^\[\d+\] (?<type>[^:]*): (?<description>.*) — (?<page>\S*)$/;

/**
 * Takes apart what Recall tells: a summary, a blank line, and the list of actions; each may be missing.
 * Whatever is written otherwise stays whole, in `before`: nothing that the model read is left out.
 */
export function readRecord(text: string): ActivityRecord {
  const listed = LISTED.exec(text);
  const lines = listed?.groups!.lines!.trimEnd().split('\n') ?? [];
  const actions = lines.map((line) => LINE.exec(line)?.groups as unknown as ToldAction | undefined);
  const after = listed ? text.slice(listed.index + listed[0].length).trim() : '';
  if (!listed || after !== '' || !actions.every((action) => action !== undefined)) {
    return { before: text.trim(), sessionId: null, actions: [] };
  }
  return {
    before: text.slice(0, listed.index).trim(),
    sessionId: listed.groups!.sessionId!,
    actions: actions.map(({ type, description, page }) => ({ type, description, page })),
  };
}
