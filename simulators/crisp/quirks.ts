/**
 * What Crisp does is not certain: its sources do not say it. A client must get along with each, so tests may change it at
 * any time.
 */
export interface Quirks {
  /** What becomes of a message to a session that was not initiated. */
  earlyMessage: 'initiates' | 'refused';
  /** Whether a session that was not initiated can be read as a conversation. */
  sessionsAreConversations: boolean;
  /** Whether hooks report what the site sets of a session that was not initiated, such as its data. */
  earlyHooks: boolean;
  /** Whether an edit through the API raises the same hook as the choice of a visitor. */
  editsRaiseHooks: boolean;
}

export const QUIRKS: Quirks = {
  earlyMessage: 'initiates',
  sessionsAreConversations: false,
  earlyHooks: true,
  editsRaiseHooks: true,
};
