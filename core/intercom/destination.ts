import {
  ConversationGoneError,
  whileItExists,
  type Destination,
  type NotePost,
} from '../delivery/destination';
import { ServiceError } from '../http/errors';
import { htmlWords, textToHtml } from '../text/html';
import type { Conversation, ConversationPart, IntercomApi } from './api';

/** Intercom's words for a conversation that is not there. Only a GET of the conversation means no more than that by them. */
const GONE = ['not_found', 'conversation_not_found'];
/** What Intercom answers for any part it does not find, whether it was there once or never. */
const NO_PART = 'conversation_part_or_message_not_found';
const NOT_REDACTABLE = 'conversation_part_not_redactable';

/**
 * Clocks differ, ours from Intercom's by this much, in seconds. Much, because a note that is not
 * recognised for its time would be posted twice; the words tell it from others, for they begin with
 * the session and a time.
 */
const CLOCK_TOLERANCE_S = 3_600;

/**
 * Why a note's id is not certain: several notes of ours say the same, and the newest was taken; or
 * the answer has none that fits, and the note stays for good.
 */
export type Doubt = 'alike' | 'missing';

/**
 * Intercom as a destination: notes of one admin, found again by their words.
 * @param author the admin whose notes they are. Asked for when a note is posted: it may take a call to Intercom, which
 *   whoever delivers makes only when it is its turn
 * @param onDoubt told when it is not certain which note was posted
 */
export function createIntercomDestination(
  api: IntercomApi,
  author: () => Promise<string>,
  onDoubt: (doubt: Doubt, conversationId: string) => void = () => {},
): Destination {
  async function post(note: NotePost): Promise<string | null> {
    const { conversationId } = note;
    const adminId = await author();
    const sought = { ...note, html: textToHtml(note.text) };
    if (note.mayHaveLanded) {
      const landed = ownNotes(await api.conversation(conversationId), adminId, sought);
      if (landed.length > 0) return certain(landed, conversationId);
    }
    const reply = { message_type: 'note' as const, admin_id: adminId, body: sought.html };
    const answer = await api.reply(conversationId, reply, note.beforePosting);
    return certain(ownNotes(answer, adminId, sought), conversationId);
  }

  function certain(fitting: readonly string[], conversationId: string): string | null {
    if (fitting.length === 0) onDoubt('missing', conversationId);
    if (fitting.length > 1) onDoubt('alike', conversationId);
    return fitting[0] ?? null;
  }

  const read = async (conversationId: string) =>
    await whileItExists(conversationId, GONE, () => api.conversation(conversationId));

  /** A 404 may be about the author or a part as well: the conversation itself is asked for. */
  async function whileConversationExists<T>(id: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!isRefusal(error, ...GONE)) throw error;
      await read(id).catch((reason: unknown) => {
        if (reason instanceof ConversationGoneError) throw reason;
      });
      throw error;
    }
  }

  async function redact(
    conversationId: string,
    noteId: string,
    yieldFor?: number,
  ): Promise<boolean> {
    try {
      await api.redactPart(conversationId, noteId, yieldFor);
    } catch (error) {
      if (!isRefusal(error, NO_PART, NOT_REDACTABLE)) throw error;
      const part = partsOf(await read(conversationId)).find(({ id }) => String(id) === noteId);
      if (part && !part.redacted) throw error;
      // Only the latest parts are shown: one that Intercom knows, and will not redact, was redacted before those.
      return part !== undefined || isRefusal(error, NOT_REDACTABLE);
    }
    return true;
  }

  return {
    chat: 'intercom',
    postNote: (note) => whileConversationExists(note.conversationId, () => post(note)),
    redactNote: (conversationId, ...note) =>
      whileConversationExists(conversationId, () => redact(conversationId, ...note)),
  };
}

/** What is known of a note that is to be found: the body as it was sent, and as {@link NotePost}. */
export interface SoughtNote extends Pick<NotePost, 'since' | 'otherNoteIds'> {
  html: string;
  /** Intercom's own name for what it is; a note by default. */
  partType?: 'note' | 'comment';
  /** How far clocks may be apart, in seconds. */
  toleranceS?: number;
}

/**
 * The id of the note that was posted. The order of a conversation's parts is not documented, so it
 * is told by author, words and time, and by not being one we know; of several that fit, which say
 * the same, the newest. Null if none fits: a wrong id would redact somebody else's note for good.
 */
export function findOwnNote(
  conversation: Conversation,
  adminId: string,
  sought: SoughtNote,
): string | null {
  return ownNotes(conversation, adminId, sought)[0] ?? null;
}

/** The ids of all that fit, the newest first. */
function ownNotes(
  conversation: Conversation,
  adminId: string,
  { html, since, otherNoteIds, partType = 'note', toleranceS = CLOCK_TOLERANCE_S }: SoughtNote,
): string[] {
  const words = visible(html);
  const earliest = since / 1_000 - toleranceS;
  const fitting = partsOf(conversation).filter(
    (part) =>
      part.part_type === partType &&
      !part.redacted &&
      String(part.author?.id) === adminId &&
      part.created_at >= earliest &&
      !otherNoteIds.includes(String(part.id)) &&
      visible(part.body ?? '') === words,
  );
  return fitting.sort(newestFirst).map(({ id }) => String(id));
}

/** Without any white space: tags that Intercom adds, around an address say, may or may not come with some. */
function visible(html: string): string {
  return htmlWords(html).replaceAll(' ', '');
}

function newestFirst(a: ConversationPart, b: ConversationPart): number {
  return b.created_at - a.created_at || Number(b.id) - Number(a.id);
}

function partsOf({ conversation_parts }: Conversation): ConversationPart[] {
  return conversation_parts?.conversation_parts ?? [];
}

function isRefusal(error: unknown, ...codes: string[]): boolean {
  return error instanceof ServiceError && codes.includes(error.code);
}
