import { ServiceError } from '../http/errors';

/** A note, with what identifies it among the others of its conversation. */
export interface Note {
  conversationId: string;
  /** The key of the link that the note is for. It may name a workspace. */
  chat?: string;
  /** Plain text. The destination escapes it for its chat product. */
  text: string;
  /** When the first attempt to post it began, in milliseconds since the epoch. */
  since: number;
  /** Ids of the session's other notes in this conversation. */
  otherNoteIds: readonly string[];
}

/**
 * A chat product that notes can be posted into. Each method makes its calls and reports the outcome; the caller decides
 * what to try again. An id is certain or it is null: a wrong one would redact a stranger's note for good.
 */
export interface Destination {
  /** The chat product's key in the memory, such as `intercom`; it names the workspace as soon as that is known. */
  readonly chat: string;
  /**
   * Looks for a note that an earlier attempt may have posted.
   *
   * @returns its id; undefined if the conversation does not contain it
   * @throws ConversationGoneError; OtherWorkspaceError and other ServiceErrors; UnreachableError; OutcomeUnknownError
   */
  find(note: Note): Promise<string | undefined>;
  /**
   * Posts a note, without looking for it first.
   *
   * @param beforeSending runs right before the request leaves; if it throws, nothing is posted
   * @returns the note's id; null if the note was posted and its id is not certain
   * @throws as {@link find}. After an OutcomeUnknownError the note may have been posted, after any other error it was
   *   not. Also what `beforeSending` throws
   */
  post(note: Note, beforeSending?: () => Promise<void>): Promise<string | null>;
  /**
   * Takes a note back.
   *
   * @returns true if the note was taken back, now or earlier; false if the conversation has no such note
   * @throws as {@link find}; TooBusyError if `yieldFor` has passed without a turn
   */
  redact(conversationId: string, noteId: string, options?: RedactOptions): Promise<boolean>;
}

interface RedactOptions {
  /** Lets other calls go first for this long, in milliseconds; see {@link TurnOptions}. */
  yieldFor?: number;
  /** The key of the link that the note was posted for. It may name a workspace. */
  chat?: string;
}

/** The conversation belongs to another workspace than the credential. Nothing was posted; a step with that workspace's credential can. */
export class OtherWorkspaceError extends ServiceError {
  constructor(service: string, conversationId: string) {
    super(service, 0, 'other_workspace', `Conversation ${conversationId} is in another workspace`);
    this.name = 'OtherWorkspaceError';
  }
}

/** The conversation does not exist, or does not exist any more. */
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
 * Runs a call of a chat product and translates a refusal that means the conversation is gone. Only the product's own
 * codes count: a 404 may be about something else or come from a proxy, and a link that is ended by mistake is lost.
 *
 * @param goneCodes the product's error codes for a missing conversation
 * @throws ConversationGoneError; any other error of the call
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
