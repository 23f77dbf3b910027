/** What the ids of each chat product's conversations look like. */
const FORMS = new Map([
  ['crisp', /^session_/],
  ['intercom', /^\d+$/],
]);

/**
 * Whether an id has the form of a chat product's conversations: the stream names conversations without saying
 * whose they are. It names none of other chat products.
 */
export function ownsConversation(chat: string, conversationId: string): boolean {
  return FORMS.get(chat)?.test(conversationId) ?? false;
}
