import { ConversationGoneError, type Destination, type NotePost } from '../delivery/destination';
import { ServiceError } from '../http/errors';
import { htmlWords, textToHtml } from '../text/html';
import type { Conversation, ConversationPart, IntercomApi } from './api';

/** Intercom's clock may differ from ours by this much, in seconds. */
const CLOCK_TOLERANCE_S = 120;

/**
 * Intercom as a destination: notes of one admin, found again by their words.
 * @param adminId whose notes they are
 */
export function createIntercomDestination(api: IntercomApi, adminId: string): Destination {
  async function post(note: NotePost): Promise<string | null> {
    const { conversationId } = note;
    const sought = { ...note, html: textToHtml(note.text) };
    if (note.mayHaveLanded) {
      const landed = findOwnNote(await api.conversation(conversationId), adminId, sought);
      if (landed !== null) return landed;
    }
    const reply = { message_type: 'note' as const, admin_id: adminId, body: sought.html };
    return findOwnNote(await api.reply(conversationId, reply), adminId, sought);
  }

  return {
    chat: 'intercom',
    postNote: (note) => translated(note.conversationId, () => post(note)),
    redactNote: (conversationId, noteId) =>
      translated(conversationId, async () => {
        try {
          await api.redactPart(conversationId, noteId);
        } catch (error) {
          if (!isRedactedAlready(error)) throw error;
        }
      }),
  };
}

/** What is known of a note that is to be found: the body as it was sent, and as {@link NotePost}. */
export interface SoughtNote extends Pick<NotePost, 'since' | 'otherNoteIds'> {
  html: string;
}

/**
 * The id of the note that was posted. The order of a conversation's parts is not documented, so it
 * is told by author, words and time, and by not being one we know; of several that fit, which say
 * the same, the newest. Null if none fits: a wrong id would redact somebody else's note for good.
 */
export function findOwnNote(
  conversation: Conversation,
  adminId: string,
  { html, since, otherNoteIds }: SoughtNote,
): string | null {
  const words = htmlWords(html);
  const earliest = since / 1_000 - CLOCK_TOLERANCE_S;
  const fitting = (conversation.conversation_parts?.conversation_parts ?? []).filter(
    (part) =>
      part.part_type === 'note' &&
      !part.redacted &&
      String(part.author?.id) === adminId &&
      part.created_at >= earliest &&
      !otherNoteIds.includes(String(part.id)) &&
      htmlWords(part.body ?? '') === words,
  );
  fitting.sort(newestFirst);
  return fitting[0] ? String(fitting[0].id) : null;
}

function newestFirst(a: ConversationPart, b: ConversationPart): number {
  return b.created_at - a.created_at || Number(b.id) - Number(a.id);
}

function isRedactedAlready(error: unknown): boolean {
  return (
    error instanceof ServiceError &&
    (error.code === 'conversation_part_not_redactable' ||
      error.code === 'conversation_part_or_message_not_found')
  );
}

async function translated<T>(conversationId: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    // Only Intercom's own word counts: a proxy's 404 says nothing about the conversation.
    if (error instanceof ServiceError && error.status === 404 && error.code !== '') {
      throw new ConversationGoneError(conversationId, { cause: error });
    }
    throw error;
  }
}
