/**
 * What Intercom does is not certain: its sources say nothing about it, or two things. A client must get along with each, so
 * tests may change it at any time.
 */
export interface Quirks {
  /**
   * What becomes of a `body` beside quick replies. The API's description requires it for other types only, and its
   * example has none; a library's authors were refused.
   */
  quickReplyBody: 'refused' | 'ignored';
  /** Whether the part of quick replies lists them in its metadata: its schema says so, its example does not. */
  optionsInMetadata: boolean;
  /** The name of the option that was tapped: the first in the changelog and in people's data, the second in the schema. */
  tappedOption: 'quick_reply_option_uuid' | 'quick_reply_uuid';
  /** Whether the answer to a message names the conversation that was opened for it: the schema says so, the example does not. */
  messageNamesConversation: boolean;
  /** The topic under which the answer to a message is reported that had no conversation until then. */
  answerTopic: 'conversation.user.replied' | 'conversation.user.created';
  /** How long a new contact can be neither found by a search nor written to, in milliseconds: "a few minutes" at times. */
  contactDelayMs: number;
  /** How long a search does not see what has changed in a conversation, in milliseconds. */
  conversationDelayMs: number;
}

export const QUIRKS: Quirks = {
  quickReplyBody: 'refused',
  optionsInMetadata: false,
  tappedOption: 'quick_reply_option_uuid',
  messageNamesConversation: true,
  answerTopic: 'conversation.user.replied',
  contactDelayMs: 0,
  conversationDelayMs: 0,
};
