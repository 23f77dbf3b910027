import type { Posted, Watcher } from './watch';

/**
 * What must hold, told without any of the parts that bring it about: by what was remembered, and by
 * what the chat product then has in its conversations.
 *
 * A note's lines are counted, not recognised, because notes may say the same: our activity notes in
 * the order in which they were posted tell the session's actions from the first to the last. A summary
 * says `Covers N`: the first N of them.
 */
export function createModel() {
  const sessions = new Map<string, SessionModel>();
  const conversations = new Map<string, SessionModel>();
  const violations: string[] = [];

  const watcher: Watcher = {
    posted(conversationId, note) {
      const session = conversations.get(conversationId);
      if (!note.ours) return;
      if (!session) return void violations.push(`posted into nobody's conversation: ${note.text}`);
      if (!note.text.startsWith(`session_id: ${session.id}\n`)) {
        violations.push(`a stranger's note in the conversation of ${session.id}: ${note.text}`);
      }
      session.notes.push(readNote(session, note));
    },
    redacted(conversationId, noteId) {
      const session = conversations.get(conversationId);
      const note = session?.notes.find(({ id }) => id === noteId);
      if (!session || !note) return void violations.push(`redacted somebody else's note ${noteId}`);
      if (note.redacted) violations.push(`redacted twice: ${note.id}`);
      const told = session.notes.filter(({ covers, id }) => covers > 0 && id !== noteId);
      const covered = Math.max(0, ...told.map(({ covers }) => covers));
      if (note.to > covered) {
        violations.push(
          `redacted up to ${note.to} while summaries cover ${covered} of ${session.id}`,
        );
      }
      note.redacted = true;
    },
  };

  return {
    watcher,
    violations,
    session(id: string, conversationId: string): SessionModel {
      const session: SessionModel = { id, remembered: [], linked: false, notes: [] };
      sessions.set(id, session);
      conversations.set(conversationId, session);
      return session;
    },
    /** What is wrong once everything had its time to be made up for. */
    faults: (): string[] => [...violations, ...[...sessions.values()].flatMap(unfulfilled)],
  };
}

export type Model = ReturnType<typeof createModel>;

export interface SessionModel {
  id: string;
  /** What its actions say, in the order in which they were remembered. */
  remembered: string[];
  linked: boolean;
  notes: NoteModel[];
}

interface NoteModel {
  id: string;
  lines: string[];
  /** For an activity note, the number of its last action; for a summary, of the last it tells. */
  to: number;
  /** 0 for an activity note. */
  covers: number;
  redacted: boolean;
}

function readNote(session: SessionModel, { id, text }: Posted): NoteModel {
  const covers = Number(/^Covers (\d+)$/m.exec(text)?.[1] ?? 0);
  const lines = covers > 0 ? [] : text.split('\n').flatMap((line) => LINE.exec(line)?.[1] ?? []);
  const before = session.notes.reduce((sum, note) => sum + note.lines.length, 0);
  return { id, lines, to: covers || before + lines.length, covers, redacted: false };
}

const LINE = /^\[\d+\] (.*)$/;

function unfulfilled({ id, remembered, linked, notes }: SessionModel): string[] {
  const told = notes.flatMap(({ lines }) => lines);
  const expected = linked ? remembered : [];
  const wrong: string[] = [];
  if (JSON.stringify(told) !== JSON.stringify(expected)) {
    wrong.push(`${id}: ${howTheyDiffer(expected, told)}`);
  }
  const standing = notes.filter(({ redacted }) => !redacted);
  const covered = Math.max(0, ...standing.map(({ covers }) => covers));
  const superfluous = standing.filter(({ to, covers }) => to <= covered && covers !== covered);
  for (const note of superfluous)
    wrong.push(`${id}: note ${note.id} up to ${note.to} still stands`);
  const summaries = standing.filter(({ covers }) => covers > 0);
  if (summaries.length > 1) wrong.push(`${id}: ${summaries.length} summaries stand`);
  return wrong;
}

function howTheyDiffer(expected: readonly string[], told: readonly string[]): string {
  const count = (list: readonly string[], one: string) => list.filter((it) => it === one).length;
  const all = [...new Set([...expected, ...told])];
  const lost = all.filter((one) => count(told, one) < count(expected, one));
  const doubled = all.filter((one) => count(told, one) > count(expected, one));
  if (lost.length + doubled.length === 0) return `out of order: ${told.join(', ')}`;
  return `lost [${lost.join(', ')}], doubled [${doubled.join(', ')}]`;
}
