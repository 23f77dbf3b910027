import type { Posted, Watcher } from './watch';

/**
 * The promise, stated without any of the code that keeps it: it compares what was remembered with the notes that the
 * chat product then has.
 *
 * - Every action is in exactly one activity note of each linked conversation, in order. Lines are counted, not
 *   recognised, because two notes may say the same.
 * - A summary says `Covers N` and replaces the first N actions. A note may only be redacted once a summary covers it,
 *   and in the end no note remains that the latest summary covers.
 * - Where notes follow the conversation, an action may be left out of them that a summary tells which was posted before;
 *   the latest ones may not. A note with any of the latest {@link KEPT} told actions stays.
 * - A session has one conversation for each workflow that shares the memory, and each of them gets everything.
 */
export function createModel(follows = false) {
  const sessions: SessionModel[] = [];
  const conversations = new Map<string, { session: SessionModel; thread: ThreadModel }>();
  const violations: string[] = [];
  const erased = new Set<string>();

  const watcher: Watcher = {
    posted(conversationId, note) {
      const known = conversations.get(conversationId);
      if (!note.ours) return;
      if (!known) return void violations.push(`posted into an unknown conversation: ${note.text}`);
      const { session, thread } = known;
      if (!note.text.startsWith(`session_id: ${session.id}\n`)) {
        violations.push(`a stranger's note in the conversation of ${session.id}: ${note.text}`);
      }
      thread.notes.push(readNote(session, thread, note, follows));
    },
    redacted(conversationId, noteId) {
      const { session, thread } = conversations.get(conversationId) ?? {};
      const note = thread?.notes.find(({ id }) => id === noteId);
      if (!session || !thread || !note) {
        return void violations.push(`redacted a note that is not ours: ${noteId}`);
      }
      if (note.redacted) violations.push(`redacted twice: ${note.id}`);
      const noted = thread.notes.filter(({ covers, id }) => covers > 0 && id !== noteId);
      const covered = Math.max(0, ...noted.map(({ covers }) => covers));
      if (note.to > covered) {
        violations.push(
          `redacted up to ${note.to} while summaries cover ${covered} of ${session.id}`,
        );
      }
      const told = toldIn(thread.notes);
      if (follows && note.covers === 0 && note.to > told - KEPT) {
        violations.push(`redacted the latest actions, ${note.to} of ${told}, of ${session.id}`);
      }
      note.redacted = true;
    },
  };

  return {
    watcher,
    violations,
    /** Adds a session. @param conversationIds its conversation in each chat product or workspace */
    session(id: string, ...conversationIds: string[]): SessionModel {
      const threads = conversationIds.map((): ThreadModel => ({ linked: false, notes: [] }));
      const session: SessionModel = { id, remembered: [], threads };
      sessions.push(session);
      for (const [n, conversationId] of conversationIds.entries()) {
        conversations.set(conversationId, { session, thread: threads[n]! });
      }
      return session;
    },
    /** The session's retention is over: no new note may contain what it did, and its notes stay as they are. */
    erase(session: SessionModel): void {
      const wrong = session.threads.flatMap(({ notes }) => {
        const noted = notes.flatMap(({ lines }) => lines);
        const begun = session.remembered.slice(0, noted.length);
        if (follows) return untold(notes);
        return JSON.stringify(noted) === JSON.stringify(begun) ? [] : [howTheyDiffer(begun, noted)];
      });
      violations.push(...wrong.map((one) => `${session.id}, before it was erased: ${one}`));
      for (const one of session.remembered) erased.add(one);
      session.remembered = [];
      for (const thread of session.threads) Object.assign(thread, { linked: false, notes: [] });
    },
    /** Checks that a prompt contains nothing that was erased. */
    heard(prompt: string): void {
      for (const [one] of prompt.matchAll(/clicked [\d-]+/g)) {
        if (erased.has(one)) violations.push(`the model heard of ${one} after its time`);
      }
    },
    /** Everything that is wrong now. Right after a fault this includes what is only late. */
    faults: (): string[] => [
      ...violations,
      ...sessions.flatMap((session) => unfulfilled(session, follows)),
    ],
  };
}

export type Model = ReturnType<typeof createModel>;

/** How many of the latest actions that were told stay in notes, where notes follow the conversation. */
export const KEPT = 5;

export interface SessionModel {
  id: string;
  /** What its actions say, in the order in which they were remembered. */
  remembered: string[];
  threads: ThreadModel[];
}

/** The notes of one conversation about its session. */
export interface ThreadModel {
  linked: boolean;
  notes: NoteModel[];
}

interface NoteModel {
  id: string;
  lines: string[];
  /** The number of the first action that the note contains; 0 for a summary. */
  from: number;
  /** The number of the last action that the note contains or, for a summary, covers. */
  to: number;
  /** How many actions a summary covers; 0 for an activity note. */
  covers: number;
  redacted: boolean;
}

function readNote(
  { remembered }: SessionModel,
  thread: ThreadModel,
  { id, text }: Posted,
  follows: boolean,
): NoteModel {
  const covers = Number(/^Covers (\d+)$/m.exec(text)?.[1] ?? 0);
  const lines = covers > 0 ? [] : text.split('\n').flatMap((line) => LINE.exec(line)?.[1] ?? []);
  const before = thread.notes.reduce((sum, note) => sum + note.lines.length, 0);
  // Where some are left out, only what they say shows which actions a note contains.
  const from = follows ? remembered.indexOf(lines[0] ?? '') + 1 : before + 1;
  const to = covers || from + lines.length - 1;
  return { id, lines, from: covers ? 0 : from, to, covers, redacted: false };
}

const LINE = /^\[\d+\] (.*)$/;

function unfulfilled({ id, remembered, threads }: SessionModel, follows: boolean): string[] {
  return threads.flatMap(({ linked, notes }) =>
    unfulfilledIn(linked ? remembered : [], notes, follows).map((wrong) => `${id}: ${wrong}`),
  );
}

/** The number of the last action that a note tells. */
function toldIn(notes: readonly NoteModel[]): number {
  return Math.max(0, ...notes.filter(({ covers }) => covers === 0).map(({ to }) => to));
}

/** What notes tell twice, out of order, or leave out although no summary before told it. */
function untold(notes: readonly NoteModel[]): string[] {
  let told = 0;
  let summed = 0;
  const wrong: string[] = [];
  for (const { id, from, to, covers } of notes) {
    summed = Math.max(summed, covers);
    if (covers > 0) continue;
    if (from <= told) wrong.push(`note ${id} tells ${from} to ${to} after ${told} was told`);
    if (from > told + 1 && from - 1 > summed) {
      wrong.push(`lost ${told + 1} to ${from - 1}: summaries told ${summed}`);
    }
    told = to;
  }
  return wrong;
}

function unfulfilledIn(
  expected: readonly string[],
  notes: readonly NoteModel[],
  follows: boolean,
): string[] {
  const noted = notes.flatMap(({ lines }) => lines);
  const wrong: string[] = follows ? untold(notes) : [];
  if (follows) {
    const told = toldIn(notes);
    if (told !== expected.length) wrong.push(`told ${told} of ${expected.length}`);
  } else if (JSON.stringify(noted) !== JSON.stringify(expected)) {
    wrong.push(howTheyDiffer(expected, noted));
  }
  const standing = notes.filter(({ redacted }) => !redacted);
  const newest = Math.max(0, ...standing.map(({ covers }) => covers));
  const covered = follows ? Math.min(newest, toldIn(notes) - KEPT) : newest;
  const superfluous = standing.filter(
    ({ to, covers }) => to <= (covers > 0 ? newest : covered) && covers !== newest,
  );
  for (const { id, to } of superfluous) wrong.push(`note ${id} up to ${to} is still there`);
  const summaries = standing.filter(({ covers }) => covers > 0);
  if (summaries.length > 1) wrong.push(`${summaries.length} summaries at once`);
  return wrong;
}

function howTheyDiffer(expected: readonly string[], noted: readonly string[]): string {
  const count = (list: readonly string[], one: string) => list.filter((it) => it === one).length;
  const all = [...new Set([...expected, ...noted])];
  const lost = all.filter((one) => count(noted, one) < count(expected, one));
  const doubled = all.filter((one) => count(noted, one) > count(expected, one));
  if (lost.length + doubled.length === 0) return `out of order: ${noted.join(', ')}`;
  return `lost [${lost.join(', ')}], doubled [${doubled.join(', ')}]`;
}
