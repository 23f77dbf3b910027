import { whileItExists, type Destination } from '../delivery/destination';
import { ServiceError } from '../http/errors';
import type { CrispApi, NewMessage } from './api';
import { makeFingerprint } from './fingerprint';
import { findSent } from './send';
import { plainText } from './text';

/** Crisp's words for a conversation that is not there. */
const GONE = ['session_not_found', 'conversation_not_found'];

/**
 * Crisp as a destination: a note is a message that only operators see, and to redact it is to remove
 * it. Its id is its fingerprint, which is chosen here: unlike words it cannot be mistaken.
 *
 * @param secret the token's key
 * @param nickname who the notes come from
 */
export function createCrispDestination(
  api: CrispApi,
  secret: string,
  nickname: string,
): Destination {
  return {
    chat: 'crisp',
    postNote: ({ conversationId, text, since, mayHaveLanded, otherNoteIds, beforePosting }) =>
      whileItExists(conversationId, GONE, async () => {
        // The same in each attempt, also in one that another process makes after a crash.
        const seed = JSON.stringify([conversationId, since, text]);
        const fingerprint = makeFingerprint(seed, secret);
        const note = { ...newNote(plainText(text), nickname), fingerprint };
        const landed = mayHaveLanded
          ? await findSent(api, conversationId, note, { since, secret, others: otherNoteIds })
          : undefined;
        return String(landed ?? (await api.send(conversationId, note, beforePosting)));
      }),
    redactNote: (conversationId, noteId, yieldFor) =>
      whileItExists(conversationId, GONE, async () => {
        try {
          await api.removeMessage(conversationId, noteId, yieldFor);
        } catch (error) {
          // Removed before: Crisp keeps nothing of it.
          if (!isRemovedAlready(error)) throw error;
        }
        return true;
      }),
  };
}

/** An internal note, of this author if one is named. */
export function newNote(content: string, nickname: string): Omit<NewMessage, 'fingerprint'> {
  const user = nickname && { user: { nickname } };
  return { type: 'note', content, automated: true, ...(user || {}) };
}

function isRemovedAlready(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'message_not_found';
}
