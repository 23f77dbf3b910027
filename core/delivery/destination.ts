/** A note to post, and what is known that helps to recognise it in the conversation. */
export interface NotePost {
  conversationId: string;
  /** Plain text; the destination escapes it for itself. */
  text: string;
  /** An earlier attempt may have landed: look for it before posting. */
  mayHaveLanded: boolean;
  /** When it was first tried, in milliseconds since the epoch. */
  since: number;
  /** Ids of notes that are known to be others. */
  otherNoteIds: readonly string[];
}

/** A chat product that can post a note and take one back. */
export interface Destination {
  /** The chat product's key in the memory, e.g. `intercom`. */
  chat: string;
  /**
   * Whether an id has the form of this chat product's conversations. The stream names conversations
   * without saying whose they are.
   */
  ownsConversation(conversationId: string): boolean;
  /**
   * @returns the note's id, or null when it was posted but cannot be told from others for certain
   * @throws ConversationGoneError, ServiceError (it was not posted), OutcomeUnknownError (it may have been)
   */
  postNote(note: NotePost): Promise<string | null>;
  /**
   * Takes a note back; one that is gone already counts as taken back.
   * @throws ConversationGoneError, ServiceError, OutcomeUnknownError
   */
  redactNote(conversationId: string, noteId: string): Promise<void>;
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
