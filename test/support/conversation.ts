import { ConversationGoneError, type Destination } from '../../core/delivery/destination';
import { systemClock, type Clock } from '../../core/clock';
import { OutcomeUnknownError, ServiceError } from '../../core/http/errors';
import { TooBusyError } from '../../core/http/pace';
import type { Watcher } from '../faults/watch';
import { settle } from './fakeClock';

/** What happens to the next call: it succeeds, or fails in one of these ways. */
export type Fate =
  | 'ok'
  /** Refused, so certainly not carried out. */
  | 'refused'
  /** Not even sent, because other calls were more urgent. */
  | 'too busy'
  /** The connection broke before the service carried it out. */
  | 'lost before'
  /** The service carried it out, and the answer was lost. */
  | 'lost after'
  /** The connection broke, and the service carried it out 9 s later. */
  | 'late'
  /** Our process dies before, or after, the service carried it out. */
  | 'crash before'
  | 'crash after';

export interface StandingNote {
  id: string;
  text: string;
  redacted: boolean;
}

/** A chat product in memory, with the notes of each conversation (`c1`, `c2` …) in the order of posting. */
export function createChat(clock: Clock = systemClock, chat = 'intercom') {
  const conversations = new Map<string, StandingNote[]>();
  const gone = new Set<string>();
  const looks = new Map<string, number>();
  const fates: Fate[] = [];
  /** The longest note that is accepted, and the status with which a longer one is refused. */
  const size = { chars: Infinity, status: 400, refused: 0 };
  let ids = 0;
  /** Called with each note that is posted or redacted. */
  let watcher: Watcher | undefined;
  /** Called while any call is under way. */
  let duringCall: (() => Promise<void>) | undefined;
  /** Called while a post is under way. */
  let duringPost: (() => Promise<void>) | undefined;

  const notesIn = (conversationId: string) => {
    if (gone.has(conversationId)) throw new ConversationGoneError(conversationId);
    const notes = conversations.get(conversationId) ?? [];
    conversations.set(conversationId, notes);
    return notes;
  };

  async function suffer(act: () => void): Promise<void> {
    const fate = fates.shift() ?? 'ok';
    if (fate === 'refused') throw new ServiceError('Chat', 400, 'parameter_invalid', 'refused');
    if (fate === 'too busy') throw new TooBusyError();
    if (fate === 'crash before') await new Promise(() => {});
    if (fate === 'lost before') throw new OutcomeUnknownError('Chat', 'connection reset');
    if (fate === 'late') {
      clock.after(9_000, act);
      throw new OutcomeUnknownError('Chat', 'connection reset');
    }
    act();
    if (fate === 'crash after') await new Promise(() => {});
    if (fate === 'lost after') throw new OutcomeUnknownError('Chat', 'connection reset');
  }

  const destination: Destination = {
    chat,
    async find({ conversationId, text, otherNoteIds }) {
      const notes = notesIn(conversationId);
      looks.set(conversationId, (looks.get(conversationId) ?? 0) + 1);
      return notes.find(
        (note) => !note.redacted && note.text === text && !otherNoteIds.includes(note.id),
      )?.id;
    },
    async post({ conversationId, text }, beforeSending) {
      const notes = notesIn(conversationId);
      await beforeSending?.();
      if (text.length > size.chars) {
        size.refused += 1;
        throw new ServiceError('Chat', size.status, '', 'too long');
      }
      const id = String(++ids);
      await duringPost?.();
      await duringCall?.();
      // The note is on its way: another execution would not find it yet.
      await settle();
      await suffer(() => {
        notes.push({ id, text, redacted: false });
        watcher?.posted(conversationId, { id, text, ours: true });
      });
      return id;
    },
    async redact(conversationId, noteId) {
      const notes = notesIn(conversationId);
      const note = notes.find(({ id }) => id === noteId);
      await duringCall?.();
      // The redaction is on its way: other executions post meanwhile.
      await settle();
      await suffer(() => {
        if (!note || note.redacted) return;
        note.redacted = true;
        watcher?.redacted(conversationId, noteId);
      });
      return note !== undefined;
    },
  };
  return {
    destination,
    /** Each call takes the next one; when there is none, calls succeed. */
    fates,
    size,
    whileCalled: (callback: (() => Promise<void>) | undefined) => void (duringCall = callback),
    vanish: (conversationId: string) => void gone.add(conversationId),
    whilePosting: (callback: (() => Promise<void>) | undefined) => void (duringPost = callback),
    watch: (all: Watcher) => void (watcher = all),
    /** How often a note was looked for. */
    looks: (conversationId: string) => looks.get(conversationId) ?? 0,
    notes: (conversationId: string) => conversations.get(conversationId) ?? [],
    standing: (conversationId: string) =>
      (conversations.get(conversationId) ?? [])
        .filter(({ redacted }) => !redacted)
        .map(({ text }) => text),
  };
}

/** The action lines of a note, without header, ordinals and bins. */
export function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => /^\[\d+\] (.*)$/.exec(line)?.[1] ?? []);
}
