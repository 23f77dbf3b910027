import type { ChatProduct } from '../products';

const CREDENTIAL = 'Intercom Conversation API credential';
const LACKS_PERMISSION =
  'The app lacks a permission: in Intercom, open Developer Hub → your app → Authentication. It has to read and write conversations, and to read admins. Intercom may make a new token when permissions change: enter that one.';

export const intercom: ChatProduct = {
  chat: 'intercom',
  name: 'Intercom',
  trigger: 'intercomConversationTrigger',
  node: { type: 'intercomConversation', resource: 'activity' },
  workspaceField: 'workspace_id',
  owns: (conversationId) => /^\d+$/.test(conversationId),
  // Only in the answer to a GET of the conversation: elsewhere they may be about an author or a part.
  goneCodes: ['not_found', 'conversation_not_found'],
  advice: {
    401: `Check Access Token and Region in the ${CREDENTIAL}: a token is known only in the region that its workspace is hosted in.`,
    403: LACKS_PERMISSION,
    // A valid token without the permission, with the status of an invalid one.
    token_unauthorized: LACKS_PERMISSION,
    404: `Check Conversation ID, that Author is still a teammate, and that the ${CREDENTIAL} is one of the same workspace.`,
  },
};
