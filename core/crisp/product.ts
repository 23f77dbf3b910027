import type { ChatProduct } from '../products';

const CREDENTIAL = 'Crisp Conversation API credential';

export const crisp: ChatProduct = {
  chat: 'crisp',
  name: 'Crisp',
  trigger: 'crispConversationTrigger',
  node: { type: 'crispConversation', resource: 'message' },
  workspaceField: 'website_id',
  owns: (conversationId) => /^session_/.test(conversationId),
  goneCodes: ['session_not_found', 'conversation_not_found'],
  advice: {
    401: `Check Token Tier, Token Identifier and Token Key in the ${CREDENTIAL}: with another tier than its own, a token is refused.`,
    403: `Check Website ID in the ${CREDENTIAL}. A plugin has to be installed on this website, and its token to have the scopes website:conversation:messages (read and write) and website:conversation:sessions (read).`,
    404: `Check Conversation ID, and Website ID in the ${CREDENTIAL}.`,
  },
};
