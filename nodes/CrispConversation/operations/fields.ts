import { conversationField } from '../../shared/operations/fields';

export const conversation = conversationField(
  'The ID from Crisp Conversation Trigger or Session Memory',
);
