import { whileItExists, type Destination, type Note } from '../delivery/destination';
import { ServiceError } from '../http/errors';
import type { CrispApi, NewMessage } from './api';
import { makeFingerprint } from './fingerprint';
import { crisp } from './product';
import { findSent, plainText } from './send';

/**
 * Crisp as a destination. A note is a message that only operators see, and to redact it is to remove it. Its id is its
 * fingerprint, which is chosen here and, unlike words, is certain.
 *
 * @param secret the token's key
 * @param nickname the author of the notes
 */
export function createCrispDestination(
  api: CrispApi,
  secret: string,
  nickname: string,
): Destination {
  /** The same in each attempt, also in one that another process makes after a crash. */
  function messageOf({ conversationId, since, text }: Note): NewMessage {
    const seed = JSON.stringify([conversationId, since, text]);
    return { ...newNote(plainText(text), nickname), fingerprint: makeFingerprint(seed, secret) };
  }

  return {
    chat: crisp.chat,
    find: (note) =>
      whileItExists(note.conversationId, crisp.goneCodes, async () => {
        const { conversationId, since, otherNoteIds: others } = note;
        const sought = { since, secret, others };
        const found = await findSent(api, conversationId, messageOf(note), sought);
        return found === undefined ? undefined : String(found);
      }),
    post: (note, beforeSending) =>
      whileItExists(note.conversationId, crisp.goneCodes, async () =>
        String(await api.send(note.conversationId, messageOf(note), beforeSending)),
      ),
    redact: (conversationId, noteId, { yieldFor } = {}) =>
      whileItExists(conversationId, crisp.goneCodes, async () => {
        try {
          await api.removeMessage(conversationId, noteId, yieldFor);
        } catch (error) {
          // Removed before: Crisp keeps no trace of it.
          if (!isRemovedAlready(error)) throw error;
        }
        return true;
      }),
  };
}

/** An internal note, with the author's nickname unless that is ''. */
export function newNote(content: string, nickname: string): Omit<NewMessage, 'fingerprint'> {
  return { type: 'note', content, automated: true, ...(nickname && { user: { nickname } }) };
}

export function isRemovedAlready(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'message_not_found';
}
