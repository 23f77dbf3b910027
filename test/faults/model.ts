import type { Posted, Watcher } from './watch';

/**
 * What must hold, told without any of the parts that bring it about: by what was remembered, and by
 * what the chat product then has in its conversations.
 *
 * A note's lines are counted, not recognised, because notes may say the same: our activity notes in
 * the order in which they were posted tell the session's actions from the first to the last. A summary
 * says `Covers N`: the first N of them. A session may be told in several conversations, one of each
 * workflow that shares the memory, each of which is told everything.
 */
export function createModel() {
  const sessions: SessionModel[] = [];
  const conversations = new Map<string, { session: SessionModel; thread: ThreadModel }>();
  const violations: string[] = [];
  const erased = new Set<string>();

  const watcher: Watcher = {
    posted(conversationId, note) {
      const known = conversations.get(conversationId);
      if (!note.ours) return;
      if (!known) return void violations.push(`posted into nobody's conversation: ${note.text}`);
      const { session, thread } = known;
      if (!note.text.startsWith(`session_id: ${session.id}\n`)) {
        violations.push(`a stranger's note in the conversation of ${session.id}: ${note.text}`);
      }
      thread.notes.push(readNote(thread, note));
    },
    redacted(conversationId, noteId) {
      const { session, thread } = conversations.get(conversationId) ?? {};
      const note = thread?.notes.find(({ id }) => id === noteId);
      if (!session || !thread || !note) {
        return void violations.push(`redacted somebody else's note ${noteId}`);
      }
      if (note.redacted) violations.push(`redacted twice: ${note.id}`);
      const told = thread.notes.filter(({ covers, id }) => covers > 0 && id !== noteId);
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
    /** @param conversationIds of each chat product or workspace the one that tells it */
    session(id: string, ...conversationIds: string[]): SessionModel {
      const threads = conversationIds.map((): ThreadModel => ({ linked: false, notes: [] }));
      const session: SessionModel = { id, remembered: [], threads };
      sessions.push(session);
      for (const [n, conversationId] of conversationIds.entries()) {
        conversations.set(conversationId, { session, thread: threads[n]! });
      }
      return session;
    },
    /** Its retention is over: nothing more may be told of what it did, and its notes stay as they are. */
    erase(session: SessionModel): void {
      const wrong = session.threads.flatMap(({ notes }) => {
        const told = notes.flatMap(({ lines }) => lines);
        const begun = session.remembered.slice(0, told.length);
        return JSON.stringify(told) === JSON.stringify(begun) ? [] : [howTheyDiffer(begun, told)];
      });
      violations.push(...wrong.map((one) => `${session.id}, before it was erased: ${one}`));
      for (const one of session.remembered) erased.add(one);
      session.remembered = [];
      for (const thread of session.threads) Object.assign(thread, { linked: false, notes: [] });
    },
    /** What a prompt may not say any more. */
    heard(prompt: string): void {
      for (const [one] of prompt.matchAll(/clicked [\d-]+/g)) {
        if (erased.has(one)) violations.push(`the model heard of ${one} after its time`);
      }
    },
    /** What is wrong once everything had its time to be made up for. */
    faults: (): string[] => [...violations, ...sessions.flatMap(unfulfilled)],
  };
}

export type Model = ReturnType<typeof createModel>;

export interface SessionModel {
  id: string;
  /** What its actions say, in the order in which they were remembered. */
  remembered: string[];
  threads: ThreadModel[];
}

/** What one conversation is told of a session. */
export interface ThreadModel {
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

function readNote(thread: ThreadModel, { id, text }: Posted): NoteModel {
  const covers = Number(/^Covers (\d+)$/m.exec(text)?.[1] ?? 0);
  const lines = covers > 0 ? [] : text.split('\n').flatMap((line) => LINE.exec(line)?.[1] ?? []);
  const before = thread.notes.reduce((sum, note) => sum + note.lines.length, 0);
  return { id, lines, to: covers || before + lines.length, covers, redacted: false };
}

const LINE = /^\[\d+\] (.*)$/;

function unfulfilled({ id, remembered, threads }: SessionModel): string[] {
  return threads.flatMap(({ linked, notes }) =>
    unfulfilledIn(linked ? remembered : [], notes).map((wrong) => `${id}: ${wrong}`),
  );
}

function unfulfilledIn(expected: readonly string[], notes: readonly NoteModel[]): string[] {
  const told = notes.flatMap(({ lines }) => lines);
  const wrong: string[] = [];
  if (JSON.stringify(told) !== JSON.stringify(expected)) wrong.push(howTheyDiffer(expected, told));
  const standing = notes.filter(({ redacted }) => !redacted);
  const covered = Math.max(0, ...standing.map(({ covers }) => covers));
  const superfluous = standing.filter(({ to, covers }) => to <= covered && covers !== covered);
  for (const { id, to } of superfluous) wrong.push(`note ${id} up to ${to} still stands`);
  const summaries = standing.filter(({ covers }) => covers > 0);
  if (summaries.length > 1) wrong.push(`${summaries.length} summaries stand`);
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
