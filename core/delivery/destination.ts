import { ServiceError } from '../http/errors';

/** A note to post, and what is known that helps to recognise it in the conversation. */
export interface NotePost {
  conversationId: string;
  /** The key of the link that it is for, which may name a workspace. */
  chat?: string;
  /** Plain text; the destination escapes it for itself. */
  text: string;
  /** An earlier attempt may have landed: look for it before posting. */
  mayHaveLanded: boolean;
  /** When it was first tried, in milliseconds since the epoch. */
  since: number;
  /** Ids of notes that stand and are known to be others. */
  otherNoteIds: readonly string[];
  /** Called right before the note leaves; when it throws, nothing is posted. */
  beforePosting?: () => Promise<void>;
}

/** A chat product that can post a note and take one back. */
export interface Destination {
  /** The chat product's key in the memory, e.g. `intercom`; with the workspace once that is known. */
  readonly chat: string;
  /**
   * @returns the note's id, or null when it was posted but cannot be told from others for certain
   * @throws ConversationGoneError, ServiceError, UnreachableError (it was not posted),
   *   OutcomeUnknownError (it may have been), what `beforePosting` throws
   */
  postNote(note: NotePost): Promise<string | null>;
  /**
   * Takes a note back.
   *
   * @param yieldFor lets other calls go first for so long, in milliseconds
   * @returns true for one that was taken back, now or before; false where the conversation has no such note
   * @throws ConversationGoneError, ServiceError, UnreachableError, OutcomeUnknownError; TooBusyError for
   *   one that yields
   */
  redactNote(conversationId: string, noteId: string, yieldFor?: number): Promise<boolean>;
}

/** The conversation is in another workspace than the credential's. Nothing was posted; a step with that workspace's credential can. */
export class OtherWorkspaceError extends ServiceError {
  constructor(service: string, conversationId: string) {
    super(service, 0, 'other_workspace', `Conversation ${conversationId} is in another workspace`);
    this.name = 'OtherWorkspaceError';
  }
}

/** The conversation does not exist (any more). */
export class ConversationGoneError extends Error {
  constructor(
    readonly conversationId: string,
    options?: ErrorOptions,
  ) {
    super(`Conversation ${conversationId} does not exist any more`, options);
    this.name = 'ConversationGoneError';
  }
}

/**
 * Runs a call of a chat product, and names the refusals that mean the conversation is gone. Only the
 * product's own words for that count: a 404 may be about something else, or come from a proxy, and a
 * link that is ended by mistake is lost.
 *
 * @param goneCodes the product's error codes for a missing conversation
 * @throws ConversationGoneError; whatever else the call throws
 */
export async function whileItExists<T>(
  conversationId: string,
  goneCodes: readonly string[],
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ServiceError && goneCodes.includes(error.code)) {
      throw new ConversationGoneError(conversationId, { cause: error });
    }
    throw error;
  }
}
